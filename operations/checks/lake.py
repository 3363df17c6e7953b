"""Whether the lake answers: its catalog, and its store."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from contract.settings import Settings
from operations.finding import Finding

NAME = "lake"


def check(settings: Settings, _environ: Mapping[str, str]) -> Iterator[Finding]:
    if settings.engine != "ducklake":
        return
    import duckdb

    from contract import lake

    try:
        with duckdb.connect() as connection:
            lake.prepare(connection, settings)
            lake.attach(connection, settings, lake.PRIVATE, lake.NAME, read_only=True)
            place = lake.folder(settings, lake.PRIVATE)
            files = connection.execute("select count(*) from glob(?)", [f"{place}**"]).fetchall()
    except lake.LakeUnreachable as error:
        yield Finding(NAME, False, str(error), "if there is no lake yet, `hiring sync` makes it")
    except duckdb.Error as error:
        told = f"the store of HIRING_LAKE_DATA can't be listed ({type(error).__name__})"
        yield Finding(NAME, False, told, "set HIRING_S3_… in .env; docs/ducklake.md says which")
    else:
        yield Finding(NAME, True, f"catalog and store answer: {files[0][0]:,} files of tables")
