"""Tokens are there, long enough and apart from one another; the .env file is private."""

from __future__ import annotations

import stat
from collections.abc import Iterator, Mapping
from pathlib import Path

from contract.settings import Settings
from operations.finding import Finding

_LONG = 24
_SHARED = 0o077


def check(settings: Settings, environ: Mapping[str, str]) -> Iterator[Finding]:
    yield from _tokens(settings, environ)
    env = Path(".env")
    if env.exists():
        mode = stat.S_IMODE(env.stat().st_mode)
        private = not mode & _SHARED
        yield Finding(
            "tokens",
            private,
            f".env has mode {mode:04o}" + ("" if private else ": others can read the tokens"),
            "" if private else "chmod 600 .env",
        )


def _tokens(settings: Settings, environ: Mapping[str, str]) -> Iterator[Finding]:
    signed = settings.signing_secrets or settings.hmac_secrets
    if not settings.webhook_tokens and not signed:
        yield Finding("tokens", False, "HIRING_WEBHOOK_TOKENS is not set", "hiring init")
        return
    labels = ", ".join(token.label for token in settings.webhook_tokens)
    yield Finding("tokens", True, f"tokens: {labels or 'none'}; signatures: {bool(signed)}")
    given = environ.get("HIRING_WEBHOOK_TOKENS", "").split(",")
    short = [part for part in given if part and len(part.strip().rpartition("=")[2]) < _LONG]
    if short:
        yield Finding(
            "tokens",
            False,
            f"{len(short)} tokens have fewer than {_LONG} characters",
            "put a longer one beside it: HIRING_WEBHOOK_TOKENS=old=…,new=$(openssl rand -hex 24)",
        )
    webhook = {token.digest for token in settings.webhook_tokens}
    if any(token.digest in webhook for token in settings.admin_token):
        yield Finding(
            "tokens",
            False,
            "HIRING_ADMIN_TOKEN is also a webhook token, which stands in a URL",
            "give HIRING_ADMIN_TOKEN a value of its own: openssl rand -hex 24",
        )
    if not settings.admin_token:
        advice = "HIRING_ADMIN_TOKEN=$(openssl rand -hex 24) turns /metrics on"
        yield Finding("tokens", True, "no HIRING_ADMIN_TOKEN: /metrics answers 404", advice)
