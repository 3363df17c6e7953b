"""person_key: joins the applications of one person without naming them.

HMAC-SHA-256 of the normalised e-mail address (trimmed, case-folded) under a secret that is
created once in `secrets/person_key` with mode 0600. Whoever has the tables and not the secret
cannot try addresses out.
"""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa

from contract import durable


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
        """Table person_keys (email, person_key) for the e-mails of the batch."""
        found = connection.sql("select distinct d.email from CandidateResource where d.email <> ''")
        emails = [row[0] for row in found.fetchall()]
        keys = pa.table(
            {
                "email": pa.array(emails, pa.string()),
                "person_key": pa.array([self.key(email) for email in emails], pa.string()),
            }
        )
        connection.register("keys_of_batch", keys)
        connection.execute("create table person_keys as select * from keys_of_batch")
        connection.unregister("keys_of_batch")
