"""Other ways to bring the same JSON lines into DuckDB, each a whole process.

python -m benchmarks.pipeline.peers NAME LINES.jsonl OUT.duckdb
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import orjson

TEXTS = """uuid job_uuid status first_name last_name email phone profile source_type source_name
    title description contract period published apply_url company_name"""
TIMES = ("created_at", "updated_at", "received_at", "hired_at", "starts_at")
SCORES = ("total", "ai", "interview", "questions")


def plain_dlt(lines: Path, out: Path, **options: Any) -> None:
    """dlt's own JSON normaliser, as its documentation shows it."""
    os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"
    import dlt

    def events() -> Iterator[dict[str, Any]]:
        with lines.open("rb") as file:
            for line in file:
                yield orjson.loads(line)

    pipeline = dlt.pipeline(
        "plain",
        pipelines_dir=str(out.parent / "dlt"),
        destination=dlt.destinations.duckdb(str(out)),
        dataset_name="raw",
    )
    pipeline.run(dlt.resource(events(), name="events", write_disposition="append"), **options)


def dlt_parquet(lines: Path, out: Path) -> None:
    plain_dlt(lines, out, loader_file_format="parquet")


def pandas_normalize(lines: Path, out: Path) -> None:
    """pandas.json_normalize of all, split by resource, then into DuckDB."""
    import duckdb
    import pandas as pd

    with lines.open("rb") as file:
        frame = pd.json_normalize([orjson.loads(line) for line in file])
    with duckdb.connect(str(out)) as connection:
        for resource, rows in frame.groupby("meta.resource_type"):
            kept = rows.dropna(axis="columns", how="all").astype(str)  # mixed types do not load
            connection.register("kept", kept)
            connection.execute(f'create table "{resource}" as from kept')


def polars_typed(lines: Path, out: Path) -> None:
    """polars.read_ndjson with the schema given, split by resource, then into DuckDB."""
    import duckdb
    import polars as pl

    text, named = pl.String, pl.Struct({"uuid": pl.String, "name": pl.String})
    question = pl.Struct(
        dict.fromkeys(("type", "text", "answer"), text) | {"options": pl.List(text)}
    )
    places = ("city", "state", "country", "cityId", "cityFullName", "countryShort")
    place = pl.Struct(
        dict.fromkeys(places, text) | dict.fromkeys(("cityLat", "cityLng"), pl.Float64)
    )
    scores = dict.fromkeys([f"{kind}_score" for kind in SCORES], pl.Float64)
    data = (
        dict.fromkeys([*TEXTS.split(), *TIMES], text)
        | scores
        | {
            "location": place,
            "hiring_flow_step": named,
            "file": pl.Struct({"name": text, "url": text}),
            "questions_form": pl.List(question),
            "sectors": pl.List(named),
            "salary": pl.Struct({"start": text}),
        }
    )
    meta = pl.Struct({"resource_type": text, "event_name": text})
    frame = pl.read_ndjson(
        lines, schema={"meta": meta, "data": pl.Struct(data)}, ignore_errors=True
    )
    frame = frame.with_row_index("n").unnest("meta").unnest("data")
    frame = frame.with_columns(
        pl.col(name).str.to_datetime(strict=False, time_zone="UTC") for name in TIMES
    )
    with duckdb.connect(str(out)) as connection:
        for resource in ("CandidateResource", "JobResource"):
            rows = frame.filter(pl.col("resource_type") == resource)
            connection.register("kept", rows.drop("questions_form", "sectors").to_arrow())
            connection.execute(f'create table "{resource}" as from kept')
        for name in ("questions_form", "sectors"):
            items = frame.select("n", name).explode(name).drop_nulls(name)
            connection.register("kept", items.unnest(name, separator="_").to_arrow())
            connection.execute(f'create table "{name}" as from kept')


def hand_written_sql(lines: Path, out: Path) -> None:
    """The practical limit: typed read_json and unnest, no keys, no drift, no repeats, no hash."""
    import duckdb

    place = "struct(city varchar, state varchar, country varchar, city_id varchar, "
    place += "city_full_name varchar, city_lat double, city_lng double, country_short varchar)"
    step, file = "struct(uuid varchar, name varchar)", "struct(name varchar, url varchar)"
    fields = ", ".join(f"{name} varchar" for name in (*TEXTS.split(), *TIMES))
    scores = ", ".join(f"{kind}_score double" for kind in SCORES)
    data = f"struct({fields}, {scores}, "
    data += f"location {place}, hiring_flow_step {step}, file {file}, questions_form json, "
    data += "sectors struct(uuid varchar, name varchar)[], salary struct(start varchar))"
    meta = "struct(resource_type varchar, event_name varchar)"
    typed = ", ".join(f"try_cast(d.{name} as timestamptz) as {name}" for name in TIMES)
    form = "case json_type(d.questions_form) when 'ARRAY' then d.questions_form"
    form += " else json_array(d.questions_form) end"
    question = '[{"type":"varchar","text":"varchar","options":"json","answer":"varchar"}]'
    with duckdb.connect(str(out)) as connection:
        connection.execute(
            f"""create temp table read as select row_number() over () as n, meta, data as d
            from read_json('{lines}', format='newline_delimited', ignore_errors=true,
                           columns={{meta: '{meta}', data: '{data}'}})"""
        )
        for resource in ("CandidateResource", "JobResource"):
            connection.execute(
                f"""create table {resource} as
                select n, meta.event_name, unnest(d), unnest(d.location),
                       unnest(d.hiring_flow_step),
                       unnest(d.file), {typed}
                from read where meta.resource_type = '{resource}'"""
            )
        connection.execute(
            f"""create table questions as select n, unnest(from_json({form}, '{question}'))
            from read where d.questions_form is not null"""
        )
        connection.execute(
            "create table sectors as select n, unnest(d.sectors) as sector from read"
        )


PEERS: dict[str, Callable[[Path, Path], None]] = {
    "plain dlt": plain_dlt,
    "dlt, parquet": dlt_parquet,
    "pandas json_normalize": pandas_normalize,
    "polars": polars_typed,
    "hand-written SQL": hand_written_sql,
}

if __name__ == "__main__":
    PEERS[sys.argv[1]](Path(sys.argv[2]), Path(sys.argv[3]))
