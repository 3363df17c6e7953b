"""What is done with a delivery, whichever way it came in: 200 = on disk."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from time import time

import structlog
import uuid_utils

from contract import envelope
from contract.envelope import Event, NotUnderstood
from contract.landing import partition
from contract.settings import Settings
from receiver import answers
from receiver.answers import Answer, Refused
from receiver.auth import Door, Headers
from receiver.commit import Failure, GroupCommit
from receiver.journal import NoSpace
from receiver.metrics import Counts
from receiver.quarantine import Quarantine, QuarantineFull
from receiver.replay import Replays
from receiver.stamp import Clock

PATH = "/webhooks/occupop"
Reply = Callable[[Answer], None]
log = structlog.get_logger("receiver.intake")


def is_hook(path: str) -> bool:
    """Whether a path is the webhook's, with or without a token."""
    return path.startswith(PATH) and path[len(PATH) : len(PATH) + 1] in ("", "/")


class Intake:
    """Takes the deliveries of one worker."""

    def __init__(
        self,
        settings: Settings,
        door: Door,
        commit: GroupCommit,
        quarantine: Quarantine,
        counts: Counts,
    ) -> None:
        self.settings, self.counts = settings, counts
        self._door, self._commit, self._quarantine = door, commit, quarantine
        self._clock = Clock()
        self._replays = Replays()
        self._held = 0
        self._tasks: set[asyncio.Task[None]] = set()

    def admit(self, path: str, peer: str | None, headers: Headers) -> str:
        """Label of the token that was shown. Raises Refused (address, wrong_token)."""
        if not self._door.lets_in(peer, headers):
            raise Refused("address")
        label = self._door.label(path[len(PATH) :].strip("/"), headers)
        if label is None:
            raise Refused("wrong_token")
        return label

    def hold(self, size: int) -> None:
        """Count bytes as held until `free`. Raises Refused when they are too many."""
        self._held += size
        if self._held > self.settings.max_inflight_bytes:
            raise Refused("overloaded")

    def free(self, size: int) -> None:
        self._held -= size

    def accept(self, label: str, headers: Headers, body: bytes, reply: Reply) -> None:
        """Take a whole body; `reply` is called once, with the answer, now or later."""
        try:
            self._take(label, headers, body, reply)
        except Refused as refused:
            reply(self.refuse(refused.reason))
        except Exception as error:
            reply(self.fail(error))

    def refuse(self, reason: str) -> Answer:
        """The counted answer to what is not taken."""
        self.counts.refused[reason] += 1
        answer = answers.refusal(reason)
        if answer.status in (413, 415):
            log.warning("refused", reason=reason)  # authenticated: this event is lost
        return answer

    def fail(self, error: Exception) -> Answer:
        """The answer to an error of ours. Its text may carry a value: its class is all we tell."""
        log.error("internal", error=type(error).__name__)
        return self.refuse("internal")

    def _take(self, label: str, headers: Headers, body: bytes, reply: Reply) -> None:
        if self._door.needs_signature and not self._door.signed(headers, body):
            raise Refused("signature")
        self.counts.used[label] = time()
        try:
            event = envelope.understand(body)
        except NotUnderstood as error:
            self._not_understood(body, error.reason, headers, label, reply)
            return
        if self._door.knows_replays and (before := self._replays.answer(headers)):
            self.counts.replays += 1
            reply(before)
            return
        self._land(body, event, headers, reply)

    def _land(self, body: bytes, event: Event, headers: Headers, reply: Reply) -> None:
        event_id = str(uuid_utils.uuid7())
        landed_at, day = self._clock.stamp()
        place = partition(event.event_name)
        webhook_id = headers.get(b"webhook-id")
        line = envelope.line(
            body,
            event,
            event_id=event_id,
            landed_at=landed_at,
            webhook_id=webhook_id.decode("latin-1")[:200] if webhook_id else None,
        )

        def done(failure: Failure) -> None:
            if failure:
                reason = "no_space" if isinstance(failure, NoSpace) else "poisoned"
                reply(self.refuse(reason))
                return
            self.counts.landed[place] += 1
            self.counts.last_event = time()
            answer = answers.landed(event_id)
            if self._door.knows_replays:
                self._replays.remember(headers, answer)
            reply(answer)

        self._commit.append(line, (place, day), done)

    def _not_understood(
        self, body: bytes, reason: str, headers: Headers, label: str, reply: Reply
    ) -> None:
        if _is_ping(body):
            self.counts.pings += 1
            reply(answers.PING)
            return
        keeping = self._keep(body, reason, headers, label, reply)
        task = asyncio.get_running_loop().create_task(keeping)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _keep(
        self, body: bytes, reason: str, headers: Headers, label: str, reply: Reply
    ) -> None:
        try:
            reply(await self._set_aside(body, reason, headers, label))
        except QuarantineFull:
            reply(self.refuse("quarantine_full"))
        except OSError as error:
            log.error("quarantine_failed", error=type(error).__name__)  # noqa: TRY400  a trace tells values
            reply(self.refuse("no_space"))
        except Exception as error:
            reply(self.fail(error))

    async def _set_aside(self, body: bytes, reason: str, headers: Headers, label: str) -> Answer:
        place = str(uuid_utils.uuid7())
        await asyncio.to_thread(
            self._quarantine.put,
            body,
            reason,
            id=place,
            received_at=self._clock.now(),
            headers=headers.items(),
            token=label,
        )
        self.counts.quarantined[reason] += 1
        log.warning("quarantined", id=place, reason=reason, bytes=len(body))
        return answers.quarantined(place, reason)


def _is_ping(body: bytes) -> bool:
    """The body with which Recruitee and others try a URL: {"test":true}."""
    try:
        payload = envelope.parse(body)
    except NotUnderstood:
        return False
    return len(payload) == 1 and payload.get("test") is True
