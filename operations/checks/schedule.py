"""Whether runs happen, and whether anyone hears of it when they do not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

from contract.settings import Settings
from operations.finding import Finding
from operations.notes import Run
from operations.words import ago, duration

START = "systemctl enable --now hiring-worker, or the cron line of docs/schedule.md"


def check(settings: Settings, _environ: Mapping[str, str]) -> Iterator[Finding]:
    now = datetime.now(UTC)
    run = Run.read(settings.state, settings.published)
    if run is None:
        yield Finding("schedule", False, "no run has ended well yet", "hiring sync")
    else:
        late = (now - run.finished_at).total_seconds() > settings.sync_within
        what = f"the last good run was {ago(now, run.finished_at)}"
        if late:
            what += f"; expected within {duration(settings.sync_within)}"
        yield Finding("schedule", not late, what, START if late else "")
    if settings.alert_emails and settings.smtp_url is None:
        mend = "HIRING_SMTP_URL=smtp://HOST:25"
        yield Finding("alerts", False, "HIRING_ALERT_EMAILS is set and no mail server", mend)
    elif settings.alert_webhook is None and not settings.alert_emails:
        advice = "set HIRING_ALERT_WEBHOOK or HIRING_ALERT_EMAILS"
        yield Finding("alerts", True, "no one is told when something is wrong", advice)
    else:
        yield Finding("alerts", True, "alerts are sent")
