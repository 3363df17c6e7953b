"""Times and sizes as people read them."""

from __future__ import annotations

from datetime import datetime

_UNITS = (("d", 86400), ("h", 3600), ("min", 60), ("s", 1))
_SIZES = ("B", "kB", "MB", "GB", "TB")


def duration(seconds: float) -> str:
    """In its largest unit: `3 d`, `5 h`, `2 min`, `0 s`."""
    name, length = next((u for u in _UNITS if abs(seconds) >= u[1]), _UNITS[-1])
    return f"{seconds / length:.0f} {name}"


def ago(now: datetime, at: datetime) -> str:
    seconds = (now - at).total_seconds()
    return f"{duration(seconds)} ago" if seconds >= 0 else f"in {duration(-seconds)}"


def time_text(now: datetime, at: datetime | None) -> str:
    """`2026-11-24 09:30:00 UTC (5 min ago)`, or `never`."""
    if at is None:
        return "never"
    return f"{at:%Y-%m-%d %H:%M:%S} UTC ({ago(now, at)})"


def bytes_text(size: float) -> str:
    for name in _SIZES[:-1]:
        if abs(size) < 1000:
            return f"{size:.0f} {name}" if name == "B" else f"{size:.1f} {name}"
        size /= 1000
    return f"{size:.1f} {_SIZES[-1]}"
