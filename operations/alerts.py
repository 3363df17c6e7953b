"""Alerts: each concern is told once until it changes, by webhook and by mail.

    state/operations/alerts.json    {"told": {key: size}}

A concern is told when it is new or has doubled, and once more when it is over. A message that
no channel took is tried again at the next call. Messages hold counts and commands, no personal
data and no secret.
"""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import unquote, urlsplit

import httpx
import orjson

from contract import durable
from contract.settings import Settings
from operations import notes
from operations.concerns import Concern

TIMEOUT = 10.0
_PORTS = {"smtp": 25, "smtp+tls": 587, "smtps": 465}


class NotSent(RuntimeError):
    """A channel did not take a message; says which and the class of the error, no address."""


@dataclass(frozen=True)
class Told:
    """What was told now. failed: channels that did not take it."""

    new: tuple[str, ...] = ()
    over: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()


def tell(settings: Settings, concerns: Iterable[Concern]) -> Told:
    """Tell what is new, has doubled or is over, on every channel that is set.

    Without a channel nothing is noted. Raises OSError when the note cannot be kept.
    """
    channels = _channels(settings)
    if not channels:
        return Told()
    path = settings.state / "operations" / "alerts.json"
    told: dict[str, float] = notes.read(path).get("told", {})
    now = {concern.key: concern for concern in concerns}
    new = [c for key, c in now.items() if key not in told or c.size >= 2 * told[key]]
    over = [key for key in told if key not in now]
    if not new and not over:
        return Told()
    failed = _send(channels, _subject(new, over), _text(new, over))
    if len(failed) < len(channels):
        kept = {key: size for key, size in told.items() if key in now}
        _note(path, kept | {concern.key: concern.size for concern in new})
    return Told(tuple(c.key for c in new), tuple(over), tuple(failed))


Channel = Callable[[str, str], None]


def _channels(settings: Settings) -> dict[str, Channel]:
    found: dict[str, Channel] = {}
    if settings.alert_webhook is not None:
        url = settings.alert_webhook.get_secret_value()
        found["webhook"] = lambda _, text: post(url, text)
    if settings.alert_emails and settings.smtp_url is not None:
        server, sender = settings.smtp_url.get_secret_value(), settings.alert_sender
        found["mail"] = lambda subject, text: mail(
            server, sender, settings.alert_emails, subject, text
        )
    return found


def _send(channels: Mapping[str, Channel], subject: str, text: str) -> list[str]:
    failed = []
    for name, send in channels.items():
        try:
            send(subject, text)
        except NotSent:
            failed.append(name)
    return failed


def _note(path: Path, told: Mapping[str, float]) -> None:
    durable.write(path, [orjson.dumps({"told": told})])


def _subject(new: Sequence[Concern], over: Sequence[str]) -> str:
    return f"hiring: {len(new)} need attention" if new else f"hiring: {len(over)} over"


def _text(new: Sequence[Concern], over: Sequence[str]) -> str:
    return "\n".join([*(f"• {c.text}" for c in new), *(f"✓ over: {key}" for key in over)])


def post(url: str, text: str) -> None:
    """Post `{"text": …}` as Slack and its kin take it. Raises NotSent."""
    try:
        answer = httpx.post(url, json={"text": text}, timeout=TIMEOUT, trust_env=False)
        answer.raise_for_status()
    except (httpx.HTTPError, httpx.InvalidURL) as error:  # its text carries the address, a secret
        raise NotSent(f"the webhook failed with {type(error).__name__}") from None


def mail(server: str, sender: str, receivers: Sequence[str], subject: str, text: str) -> None:
    """Send a mail by a server given as HIRING_SMTP_URL has it. Raises NotSent."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, ", ".join(receivers), subject
    message.set_content(text)
    try:
        with _connect(server) as connection:
            connection.send_message(message)
    except (OSError, smtplib.SMTPException, ValueError, KeyError) as error:
        raise NotSent(f"the mail failed with {type(error).__name__}") from None


def _connect(server: str) -> smtplib.SMTP:
    parts = urlsplit(server)
    host, port = parts.hostname or "localhost", parts.port or _PORTS[parts.scheme]
    if parts.scheme == "smtps":
        connection: smtplib.SMTP = smtplib.SMTP_SSL(
            host, port, timeout=TIMEOUT, context=ssl.create_default_context()
        )
    else:
        connection = smtplib.SMTP(host, port, timeout=TIMEOUT)
    if parts.scheme == "smtp+tls":
        connection.starttls(context=ssl.create_default_context())
    if parts.username:
        connection.login(unquote(parts.username), unquote(parts.password or ""))
    return connection
