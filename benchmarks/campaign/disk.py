"""A disk whose power can be cut: ext4 on a loop device, shut down by ioctl. Needs root."""

from __future__ import annotations

import fcntl
import os
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from typing import Self

_SHUTDOWN = 0x8004587D  # EXT4_IOC_SHUTDOWN
_NO_LOG_FLUSH = b"\2\0\0\0"


def _run(*command: str | Path) -> str:
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return done.stdout.strip()


class Disk:
    """Mounted at `<folder>/disk` inside the block."""

    def __init__(self, folder: Path, megabytes: int = 768) -> None:
        self._image, self.mount = folder / "disk.img", folder / "disk"
        self._megabytes = megabytes

    def __enter__(self) -> Self:
        self.mount.mkdir(parents=True, exist_ok=True)
        with self._image.open("wb") as image:
            image.truncate(self._megabytes << 20)
        _run("mkfs.ext4", "-q", "-F", "-m", "0", self._image)
        self._loop = _run("losetup", "--find", "--show", self._image)
        _run("mount", self._loop, self.mount)
        return self

    def cut(self) -> None:
        """The power goes: what was not synced, and the log that was not flushed, is lost."""
        descriptor = os.open(self.mount, os.O_RDONLY)
        try:
            fcntl.ioctl(descriptor, _SHUTDOWN, _NO_LOG_FLUSH)
        finally:
            os.close(descriptor)

    def back(self) -> None:
        """Power again: unmount what is left and mount the disk. No process may hold a file."""
        self._unmount()
        _run("mount", self._loop, self.mount)

    def _unmount(self) -> None:
        for _ in range(100):
            with suppress(subprocess.CalledProcessError):
                _run("umount", self.mount)
                return
            time.sleep(0.05)
        _run("umount", self.mount)

    def __exit__(self, *_: object) -> None:
        self._unmount()
        _run("losetup", "--detach", self._loop)
        self._image.unlink()
