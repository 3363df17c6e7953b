"""Room on the disk."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping

from contract.settings import Settings
from operations.finding import Finding
from operations.words import bytes_text


def check(settings: Settings, _environ: Mapping[str, str]) -> Iterator[Finding]:
    if not settings.home.is_dir():
        return
    usage = shutil.disk_usage(settings.home)
    enough = usage.free >= settings.free_bytes
    what = f"{bytes_text(usage.free)} of {bytes_text(usage.total)} free"
    mend = f"make room for {bytes_text(settings.free_bytes)}, or move HIRING_HOME"
    yield Finding("disk", enough, what, "" if enough else mend)
    system = os.statvfs(settings.home)
    if system.f_flag & os.ST_RDONLY:
        yield Finding("disk", False, "the file system is read-only", "mount -o remount,rw …")
    if system.f_files and system.f_favail < system.f_files // 100:
        yield Finding("disk", False, "less than 1 % of the inodes are free", "df -i; make room")
