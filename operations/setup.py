"""`hiring init`: a commented .env with new tokens, and the address to paste at Occupop."""

from __future__ import annotations

import os
import secrets
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from contract.settings import PREFIX, Settings

HOOK = "/webhooks/occupop/"
LABEL = "occupop"
PLACEHOLDER = "https://YOUR-HOST"
_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_TOKEN_BYTES = 32


class AlreadyThere(FileExistsError):
    """The file is there; it may hold the only copy of a token that Occupop uses."""


class NoAddress(ValueError):
    """The host's address is none that Occupop can post to."""


@dataclass(frozen=True)
class Setup:
    """What was written, and the URL to paste. The URL is a secret: it carries the token."""

    path: Path
    url: str

    def lines(self) -> list[str]:
        return [
            f"{self.path} is written (mode 0600): tokens and all settings, commented",
            "",
            "At Occupop: Settings > API Settings > Webhooks > Create Webhook, all five events,",
            "and paste (it carries the token, so treat it like a password):",
            f"  {self.url}",
            "",
            "then: hiring serve, hiring worker, and hiring doctor to see that all is well",
        ]


def init(path: Path, host_url: str | None, *, force: bool = False) -> Setup:
    """Write a .env to `path` with a new webhook token and a new admin token.

    host_url: under which Occupop reaches the receiver, `https://hooks.example.com`. With `force`
    a file that is there is kept as `<name>.old`. Raises AlreadyThere, NoAddress, OSError.
    """
    base = _address(host_url)
    if path.exists() and not force:
        raise AlreadyThere(
            f"{path} is there: edit it, or give --force to keep it as {path.name}.old"
        )
    token, admin = (secrets.token_urlsafe(_TOKEN_BYTES) for _ in range(2))
    given = {"webhook_tokens": f"{LABEL}={token}", "admin_token": admin}
    if path.exists():
        path.replace(path.with_name(path.name + ".old"))
    _write(path, "\n".join(_content(given)) + "\n")
    return Setup(path, f"{base}{HOOK}{token}")


def _address(host_url: str | None) -> str:
    if host_url is None:
        return PLACEHOLDER
    try:
        parts = urlsplit(host_url.strip())
        host = parts.hostname
    except ValueError:
        host = None
    if not host or parts.query or parts.fragment or parts.username:
        raise NoAddress("give the address as https://hooks.example.com")
    if parts.scheme != "https" and not (parts.scheme == "http" and host in _LOOPBACK):
        raise NoAddress("the address must be https: its path carries the token")
    return f"{parts.scheme}://{parts.netloc}{parts.path}".rstrip("/")


def _content(given: dict[str, str]) -> Iterator[str]:
    """Every setting with its description; those that are not given are commented out."""
    yield "# Settings of hiring; variables of the environment win over this file."
    for name, field in Settings.model_fields.items():
        yield ""
        yield from (f"# {line}" for line in textwrap.wrap(field.description or "", 96))
        variable = PREFIX + name.upper()
        if name in given:
            yield f"{variable}={given[name]}"
        else:
            yield f"# {variable}={_default(field.default)}"


def _default(value: object) -> str:
    return "" if value in ((), None) else str(value)


def _write(path: Path, content: str) -> None:
    """A new file that only its owner reads; a link that someone else put there is not followed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
