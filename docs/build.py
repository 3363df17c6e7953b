"""Makes the reference pages from the code that they describe: `make docs`.

settings.md from contract/settings.py, events.md and events.schema.json from contract/events.py,
commands.md from the command line, tables.md from the descriptions of the dbt models, metrics.md
from metric_definitions and formulas.py, the questions of analysts.md from warehouse/examples. A
test compares what stands here with what would be made.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path

import click
import duckdb
import typer
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from contract import events, raw
from contract.settings import PREFIX, Settings
from docs.formulas import FORMULAS
from privacy import inventory
from warehouse.descriptions import MARTS, marts
from warehouse.query import examples
from warehouse.site import write_site

DOCS = Path(__file__).parent
KINDS = {
    "text": "text as sent, never trimmed; empty is null",
    "id": "text; UUID-shaped ids in lower case",
    "link": "text without its query string",
    "time": "`2026-10-31T23:59:59.000000Z`, `2026-05-20 10:34:17` (in `HIRING_SOURCE_TIMEZONE`),"
    " or with an offset",
    "flag": "true, 1, yes, and the same as text; false, 0, no",
    "number": "a number, or a number as text",
    "money": "`40000`, `40,000`, `40.000`, `40.000,50`, `€40k`; words (`Competitive`) are null",
    "answer": "text as sent; of a list, one item per line",
    "choices": "one per line: a list, or text split at newlines, else at `;` else `|` else `,`",
}


def pages() -> dict[str, str]:
    """The generated files by name."""
    return {
        "settings.md": _settings(),
        "events.md": _events(),
        "events.schema.json": _schema(),
        "commands.md": _commands(),
        "tables.md": _tables(),
        "privacy.md": _privacy(),
        "metrics.md": _metrics(),
        "analysts.md": _analysts(),
    }


def _settings() -> str:
    lines = [
        "# Settings",
        "",
        "Variables of the environment, or lines of a `.env` file in the folder where `hiring` runs"
        " (the environment wins). A `HIRING_` variable that is not listed here is an error.",
        "",
        "| variable | default | meaning |",
        "|---|---|---|",
    ]
    for name, field in Settings.model_fields.items():
        default = "" if field.default in ((), None) else f"`{field.default}`"
        lines.append(f"| `{PREFIX}{name.upper()}` | {default} | {field.description} |")
    return "\n".join(lines) + "\n"


def _events() -> str:
    lines = [
        "# Events",
        "",
        f"Documented by Occupop: {', '.join(f'`{name}`' for name in events.EVENT_NAMES)}."
        " Everything else is landed as `_unknown` and kept whole in `raw.other_events`.",
        "",
        "Every field may be absent or null, and unknown fields are kept in `extra`. What cannot be"
        " converted becomes null and a row of `raw.contract_drift`; the received bytes stay in the"
        " landing zone. Of a key that stands twice in one object the first counts.",
        "",
        "| kind | accepts |",
        "|---|---|",
        *(f"| {kind.value} | {KINDS[kind.value]} |" for kind in events.Kind),
    ]
    for model in (events.JobResource, events.CandidateResource):
        lines += ["", f"## {model.__name__}", "", (model.__doc__ or "").strip(), ""]
        lines += ["| field | kind | raw column | personal | meaning |", "|---|---|---|---|---|"]
        lines += _fields(model)
    lines += ["", "Lists become rows of their own: `sectors`, `subsectors`, and `questions_form`"]
    lines += ["(one object counts as a list of one; its fields are those of `Question`).", ""]
    lines += ["## Question", "", "| field | kind | raw column | personal | meaning |"]
    lines += ["|---|---|---|---|---|", *_fields(events.Question)]
    return "\n".join(lines) + "\n"


def _fields(model: type[BaseModel]) -> Iterator[str]:
    for column in raw.payload_columns(model):
        personal = "yes" if column.personal else ""
        yield (
            f"| `{'.'.join(column.path)}` | {column.kind} | `{column.name}` | {personal}"
            f" | {column.description} |"
        )


def _schema() -> str:
    models = [(model, "validation") for model in (events.JobEvent, events.CandidateEvent)]
    _, schema = models_json_schema(models, title="Occupop webhook deliveries")  # type: ignore[arg-type] # a list of literals
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def _tables() -> str:
    lines = [
        "# Tables",
        "",
        "What `hiring.duckdb` publishes, in schema `main`; the same text stands as comments in the"
        " file. Pseudonymous: no names, addresses, phones, free text or links.",
    ]
    for mart in marts():
        lines += ["", f"## {mart.name}", "", mart.description.strip(), ""]
        lines += [f"Key: `{'`, `'.join(mart.grain)}`.", ""] if mart.grain else []
        lines += ["| column | meaning |", "|---|---|"]
        lines += [f"| `{name}` | {_cell(text)} |" for name, text in mart.columns.items()]
    return "\n".join(lines) + "\n"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def _metrics() -> str:
    lines = [
        "# Metrics",
        "",
        "What each figure means, as `metric_definitions` in `hiring.duckdb` says it, with its"
        " formula. The unit of count is an application: a candidate in a job. Every rate stands"
        " beside its k and n and a 95 % interval that ignores clustering by job; with n below 10 it"
        " is not ranked. Durations are exact to the microsecond in the models; curves are counted"
        " in tenths of a day. Months are those of `HIRING_TIMEZONE`. How often the intervals hold"
        " the truth: [reliability](reliability.md).",
    ]
    for metric, table, unit, definition, is_computable in definitions():
        given = FORMULAS[metric]
        lines += ["", f"## {metric}", "", definition, ""]
        if is_computable:
            lines += ["| | |", "|---|---|", f"| table | [`{table}`](tables.md#{table}) |"]
            lines += [f"| unit | {unit} |", f"| formula | {_cell(given.formula)} |"]
            lines += [f"| n | {_cell(given.n)} |"]
            lines += [f"| source | {_cell(given.source)} |"] if given.source else []
    return "\n".join(lines).rstrip() + "\n"


def definitions() -> list[tuple[str, str | None, str, str, bool]]:
    """The rows of metric_definitions: the model needs no other table."""
    model = (MARTS / "metric_definitions.sql").read_text(encoding="utf-8")
    query = re.sub(r"\{\{.*?\}\}", "", model)
    with duckdb.connect() as connection:
        return connection.execute(query).fetchall()


def _analysts() -> str:
    """The page as it is written by hand, with the questions put in their place."""
    asked = [f"| `{one.name}` | {_cell(one.question)} |" for one in examples()]
    return _filled("analysts.md", "questions", ["| example | question |", "|---|---|", *asked])


def _privacy() -> str:
    """The page as it is written by hand, with the inventory put in its place."""
    return _filled("privacy.md", "inventory", [inventory.table()])


def _filled(page: str, part: str, lines: list[str]) -> str:
    """A page between whose marks `<!-- part: … -->` and `<!-- end of part -->` the lines stand."""
    text = (DOCS / page).read_text(encoding="utf-8")
    head, start, rest = text.partition(f"<!-- {part}:")
    mark, _, rest = rest.partition("-->")
    _, end, tail = rest.partition(f"<!-- end of {part} -->")
    made = "\n".join(lines)
    return f"{head}{start}{mark}-->\n{made}\n\n{end}{tail}"


def _commands() -> str:
    from hiring import app

    lines = [
        "# Commands",
        "",
        "Exit codes: 0 done, 1 failed, 2 wrong usage, 3 another run holds the lock.",
    ]
    for name, command in _walk(typer.main.get_command(app), "hiring"):
        context = click.Context(command, info_name=name)
        context.max_content_width = context.terminal_width = 100
        text = "\n".join(line.rstrip() for line in command.get_help(context).splitlines())
        lines += ["", f"## {name}", "", "```", text, "```"]
    return "\n".join(lines) + "\n"


def _walk(command: click.Command, name: str) -> Iterator[tuple[str, click.Command]]:
    for child_name, child in sorted(getattr(command, "commands", {}).items()):
        if getattr(child, "commands", None):
            yield from _walk(child, f"{name} {child_name}")
        else:
            yield f"{name} {child_name}", child


if __name__ == "__main__":
    os.environ["COLUMNS"] = "100"
    for page, content in pages().items():
        (DOCS / page).write_text(content, encoding="utf-8")
        print(f"docs/{page}")
    demo = Settings(home=Path("data/demo"))
    if demo.warehouse.exists():
        write_site(demo, demo.home / "docs" / "index.html")
        print(f"{demo.home / 'docs' / 'index.html'}: models with their lineage")
    else:
        print("for the models' site with lineage run `make demo` first")
