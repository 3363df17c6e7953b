"""HIRING_HOME and its folders: there, ours, private."""

from __future__ import annotations

import grp
import os
import shlex
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path

from contract.settings import Settings
from operations.finding import Finding

PRIVATE = ("landing", "mirror", "journal", "quarantine", "state", "secrets", "config", "spark")
_OTHERS = 0o077
_FILES = ("warehouse.duckdb", "secrets/person_key")


def check(settings: Settings, _environ: Mapping[str, str]) -> Iterator[Finding]:
    home = settings.home
    if not home.is_dir():
        yield Finding("home", False, f"{home} does not exist", f"mkdir -m 711 -p {_word(home)}")
        return
    yield from _ours(home)
    yield from _modes(home)
    yield from _group(settings)


def _ours(home: Path) -> Iterator[Finding]:
    """Files of another user stop a run half-way: someone ran a command as root."""
    places = [home, *sorted(home.iterdir()), *sorted((home / "state").glob("*"))]
    foreign = [path for path in places if path.lstat().st_uid != os.geteuid()]
    if foreign:
        owner = f"sudo chown -R $(id -un) {_word(home)}"
        yield Finding("home", False, f"{foreign[0]} belongs to another user", owner)
    elif not os.access(home, os.W_OK):
        yield Finding("home", False, f"{home} is not writable", f"chmod u+rwx {_word(home)}")
    else:
        yield Finding("home", True, f"{home} is ours and writable")


def _modes(home: Path) -> Iterator[Finding]:
    open_to_others = [
        path
        for name in (*PRIVATE, *_FILES)
        if (path := home / name).exists() and stat.S_IMODE(path.stat().st_mode) & _OTHERS
    ]
    if open_to_others:
        names = " ".join(map(_word, open_to_others))
        what = f"{', '.join(path.name for path in open_to_others)}: open to other users"
        yield Finding("home", False, what, f"chmod go= {names}")
    elif stat.S_IMODE(home.stat().st_mode) & 0o066:
        yield Finding("home", False, f"{home} can be listed by others", f"chmod 711 {_word(home)}")
    else:
        yield Finding("home", True, "what holds personal data is closed to other users")


def _group(settings: Settings) -> Iterator[Finding]:
    group = settings.analyst_group
    if group is None:
        return
    try:
        wanted = grp.getgrnam(group).gr_gid
    except KeyError:
        mend = f"sudo groupadd {shlex.quote(group)}"
        yield Finding("home", False, "the group of HIRING_ANALYST_GROUP does not exist", mend)
        return
    path = settings.published
    if path.exists() and path.stat().st_gid != wanted:
        yield Finding("home", False, f"{path.name} is not of the analysts' group", "hiring sync")


def _word(path: Path) -> str:
    return shlex.quote(str(path))
