"""What is kept of applications that are erased, when the settings say so: nobody's."""

from __future__ import annotations

from collections.abc import Iterable

import duckdb

from contract.anonymous import Application
from contract.settings import Settings
from contract.sql import escaped
from contract.tombstones import Tombstones
from privacy.look import NotReadable

_APPLICATIONS = """
select cohort_month::varchar, job_uuid, furthest_stage, outcome
from published.applications
where lower(candidate_uuid) in (select unnest(?))
"""


def kept(settings: Settings, candidates: Iterable[str]) -> tuple[Application, ...]:
    """Of the published applications of candidates (ids in lower case), in no telling order.

    None without HIRING_KEEP_ANONYMOUS. Who was erased before was counted then.
    Raises NotReadable, OSError.
    """
    if not settings.keep_anonymous or not settings.published.exists():
        return ()
    erased = Tombstones.of(settings.home)
    new = [uuid for uuid in candidates if not erased.covers(uuid, None, None)]
    try:
        with duckdb.connect() as connection:
            path = escaped(settings.published)
            connection.execute(f"attach '{path}' as published (read_only)")
            rows = connection.execute(_APPLICATIONS, [new]).fetchall()
    except duckdb.Error as error:  # their text carries values
        raise NotReadable(f"{settings.published.name}: {type(error).__name__}") from None
    return tuple(Application(*row) for row in sorted(rows, key=str))
