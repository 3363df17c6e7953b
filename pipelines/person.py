"""person_key: joins the applications of one person without naming them.

HMAC-SHA-256 of the normalised e-mail address (trimmed, case-folded) under a secret that is
created once in `secrets/person_key` with mode 0600. Whoever has the tables and not the secret
cannot try addresses out.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa

from contract import durable

_BLOCK = 64  # bytes, of SHA-256


@dataclass(frozen=True)
class PersonKeys:
    """The secret, and what is made with it."""

    secret: bytes

    @classmethod
    def in_directory(cls, directory: Path) -> PersonKeys:
        """The secret of a home; created on first use."""
        path = directory / "person_key"
        if not path.exists():
            durable.write(path, [secrets.token_bytes(32)])
        return cls(path.read_bytes())

    def key(self, email: str) -> str:
        """128 bits as hex."""
        normalised = email.strip().casefold().encode()
        return hmac.digest(self.secret, normalised, "sha256").hex()[:32]

    def install(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Tables person_keys, empty, and person_secret: what HMAC puts before what it hashes."""
        secret = self.secret if len(self.secret) <= _BLOCK else hashlib.sha256(self.secret).digest()
        pads = [bytes(byte ^ mask for byte in secret.ljust(_BLOCK, b"\0")) for mask in (0x36, 0x5C)]
        inner, outer = (f"unhex('{pad.hex()}')" for pad in pads)  # parameters would import pandas
        connection.execute("create table person_keys (email varchar, person_key varchar)")
        connection.execute(
            f"create table person_secret as select {inner} as inner_pad, {outer} as outer_pad"
        )

    def rows(self, emails: Iterable[str]) -> pa.Table:
        """The rows of person_keys for these addresses."""
        found = list(emails)
        return pa.table(
            {
                "email": pa.array(found, pa.string()),
                "person_key": pa.array(map(self.key, found), pa.string()),
            }
        )


_EMAILS = "(select distinct d.email as email from CandidateResource where d.email <> '')"
# Of ASCII text without room lower() is what strip() and casefold() make.
_IS_PLAIN = "regexp_full_match(email, '[!-~]+')"
PLAIN = f"""select email, left(sha256(
        outer_pad || unhex(sha256(inner_pad || encode(lower(email))))), 32) as person_key
    from {_EMAILS}, person_secret where {_IS_PLAIN}"""
OTHERS = f"select email from {_EMAILS} where not {_IS_PLAIN}"
