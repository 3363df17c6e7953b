"""The command line. What runs over several stages is put together in stages.py.

A stage is imported inside its command, so that `hiring --help` is quick.
"""

from __future__ import annotations

import atexit
import gc
import json
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from functools import partial
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Annotated, Any, Literal, NoReturn

import typer

from contract import formats
from contract.settings import Settings, SettingsError
from stages import (
    Progress,
    exchange,
    hands,
    quiet,
    run_report,
    run_retain,
    run_sync,
    shipping_beside,
    sync_or_finish_erasure,
    warm_up,
)

if TYPE_CHECKING:
    from simulator.deliveries import Deliveries
    from simulator.truth import Truth

DONE, FAILED, USAGE, LOCKED = 0, 1, 2, 3
LINE_SECONDS = 5.0  # between lines of progress in a log

app = typer.Typer(
    name="hiring",
    help="Occupop's hiring webhooks as exact, private tables and funnel reports."
    " Settings are HIRING_… variables, from the environment or from .env (docs/settings.md).",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
quarantine_app = typer.Typer(
    help="Deliveries that could not be understood, byte-exact.", no_args_is_help=True
)
app.add_typer(quarantine_app, name="quarantine")
AsJson = Annotated[bool, typer.Option("--json", help="Print facts as one JSON object.")]


def main() -> NoReturn:
    """Run a command; errors that a user can act on become one line and an exit code."""
    os.umask(0o077)  # what analysts may read is opened to them where it is published
    atexit.register(gc.freeze)  # at its end Python would look for garbage in all that was imported
    arguments = sys.argv[1:]
    del sys.argv[1:]  # dbt writes the command line down, and it may name a person to forget
    try:
        status = app(arguments, prog_name="hiring", standalone_mode=False)
    except typer.Abort:
        sys.exit(FAILED)
    except SettingsError as error:
        fail(str(error), USAGE)
    except Exception as error:
        if hasattr(error, "exit_code") and hasattr(error, "show"):  # click's usage errors
            error.show()
            sys.exit(error.exit_code)
        if type(error).__name__ in ("LockHeld", "SlotBusy"):
            fail(str(error), LOCKED)
        if isinstance(error, OSError) or type(error).__module__.partition(".")[0] in _ROOMS:
            fail(str(error), FAILED)
        raise
    sys.exit(status if isinstance(status, int) else DONE)


class Format(StrEnum):
    table = "table"
    csv = "csv"
    json = "json"


_ROOMS = (
    "contract",
    "receiver",
    "pipelines",
    "warehouse",
    "notebooks",
    "simulator",
    "operations",
    "privacy",
    "shipping",
)


def fail(text: str, code: int) -> NoReturn:
    typer.echo(f"hiring: {text}", err=True)
    sys.exit(code)


def settings(home: Path | None = None, *, of_any_format: bool = False) -> Settings:
    """Settings of this process; a home that a newer version wrote is refused."""
    environ = environment()
    found = Settings.from_environ(environ | ({"HIRING_HOME": str(home)} if home else {}))
    if not found.home.exists():
        found.home.mkdir(parents=True)
        found.home.chmod(0o711)  # analysts pass through to hiring.duckdb and reports/
    if not of_any_format:
        for root in {found.landing, found.zone.root}:
            formats.refuse_newer_landing(root)
    return found


def environment() -> dict[str, str]:
    """The variables of .env, those of the environment over them."""
    from dotenv import dotenv_values

    given = {key: value for key, value in dotenv_values(".env").items() if value is not None}
    return given | dict(os.environ)


@contextmanager
def progress(title: str) -> Iterator[Progress]:
    """Says how far a long step is: a spinner on a terminal, plain lines elsewhere; on stderr."""
    if not sys.stderr.isatty():
        with spaced(lambda text: typer.echo(f"{title}: {text}", err=True)) as tell:
            yield tell
        return
    from rich.console import Console

    with Console(stderr=True).status(title) as status:
        yield lambda text: status.update(f"{title}: {text}")


@contextmanager
def spaced(tell: Progress, seconds: float = LINE_SECONDS) -> Iterator[Progress]:
    """Tells the first, then what comes at least so many seconds later, and the last."""
    told, pending = float("-inf"), ""

    def now_and_then(text: str) -> None:
        nonlocal told, pending
        if monotonic() - told < seconds:
            pending = text
            return
        told, pending = monotonic(), ""
        tell(text)

    try:
        yield now_and_then
    finally:
        if pending:
            tell(pending)


def show(facts: dict[str, Any], lines: list[str], as_json: bool) -> None:
    typer.echo(json.dumps(facts, default=str, indent=2) if as_json else "\n".join(lines))


@app.command(epilog="Example: hiring init --url https://hooks.example.com")
def init(
    url: Annotated[
        str | None, typer.Option(help="Under which Occupop reaches this host, https://…")
    ] = None,
    file: Annotated[Path, typer.Option(help="The file to write.")] = Path(".env"),
    force: Annotated[bool, typer.Option(help="Keep a file that is there as FILE.old.")] = False,
) -> None:
    """Write a commented .env with new tokens; prints the URL to paste at Occupop."""
    from operations.setup import init

    typer.echo("\n".join(init(file, url, force=force).lines()))


@app.command(epilog="Example: hiring doctor")
def doctor(as_json: AsJson = False) -> None:
    """What is wrong here, and the command that mends it; exit 1 if something is."""
    from operations.doctor import examine, lines

    given = settings(of_any_format=True)

    def try_store() -> str | None:
        from shipping.probe import probe

        return probe(given)

    findings = examine(given, environment(), try_store)
    show({"findings": [vars(one) for one in findings]}, lines(findings), as_json)
    raise typer.Exit(DONE if all(one.ok for one in findings) else FAILED)


@app.command(epilog="Example: hiring status --json")
def status(as_json: AsJson = False) -> None:
    """Freshness, ledger and what needs attention; exit 1 if something does."""
    from operations.watch import look
    from receiver.quarantine import Quarantine

    given = settings()
    formats.refuse_newer_published(given.published)
    found = look(given, Quarantine(given).count())
    show(found.as_dict(), found.lines(), as_json)
    raise typer.Exit(FAILED if found.attention else DONE)


@app.command(epilog="Example: hiring serve --host 0.0.0.0 --port 8000 --workers 2")
def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.")] = 8000,
    workers: Annotated[int, typer.Option(min=1, help="Processes; one journal each.")] = 1,
    insecure_no_auth: Annotated[
        bool, typer.Option(help="Accept anyone's posts. For trying out on loopback.")
    ] = False,
) -> None:
    """Receive webhooks; a 200 means that the event is on disk."""
    from receiver.server import serve

    given = settings()
    with shipping_beside(given):
        code = serve(given, host, port, workers, insecure_no_auth=insecure_no_auth)
    raise typer.Exit(code)


@app.command(epilog="Example: hiring ship --json")
def ship(as_json: AsJson = False) -> None:
    """Ship what is sealed here to the object store (HIRING_LANDING_URL), once."""
    given = settings()
    if given.landing_url is None:
        raise typer.BadParameter("HIRING_LANDING_URL is not set: there is nowhere to ship to")
    from shipping.ship import ship

    done = ship(given)
    show(vars(done), done.lines(), as_json)


@app.command(epilog="Example: hiring land export.jsonl.gz --as-of 2026-11-01T00:00:00Z")
def land(
    files: Annotated[list[str], typer.Argument(help="Files of JSON lines; - is stdin.")],
    as_of: Annotated[
        str | None, typer.Option(help="Time that the payloads stood for (ISO 8601).")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Land payloads or landed lines from files; landing them twice counts nothing twice."""
    from receiver.land import land

    paths: list[Path | Literal["-"]] = ["-" if file == "-" else Path(file) for file in files]
    given = settings()
    with progress("landing") as tell:
        done = land(given, paths, as_of=_time(as_of), progress=lambda n: tell(f"{n:,} lines"))
        exchange(given).ship(tell)
    rate = done.landed / done.seconds if done.seconds else 0
    lines = [
        f"{done.lines:,} lines: {done.landed:,} landed, {done.quarantined:,} in quarantine",
        f"{done.batches} batches sealed in {done.seconds:.2f} s ({rate:,.0f} events/s)",
    ]
    show(vars(done), lines, as_json)
    if done.quarantined:
        fail("some lines were not understood: see `hiring quarantine list`", FAILED)


def _time(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is no ISO 8601 time") from None
    return time if time.tzinfo else time.replace(tzinfo=UTC)


@app.command(epilog="Example: hiring sync --json")
def sync(
    full_refresh: Annotated[
        bool, typer.Option(help="Rebuild everything from the landing zone.")
    ] = False,
    as_known_at: Annotated[
        str | None, typer.Option(help="Build what was knowable at this time (ISO 8601).")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="The file for --as-known-at.")] = None,
    as_json: AsJson = False,
) -> None:
    """One scheduled run: load what is new, build the tables, publish them."""
    if (as_known_at is None) != (out is None):
        raise typer.BadParameter("--as-known-at TIME and --out FILE go together")
    with progress("sync") as tell:
        then = _time(as_known_at)
        summary = run_sync(settings(), tell, full_refresh, then, out, is_cold=True)
    show(summary.as_dict(), summary.lines(), as_json)


@app.command(epilog="Example: hiring worker --every 60s --report '0 5 * * *'")
def worker(
    every: Annotated[str, typer.Option(help="Interval (60s, 5m, 1h) or cron fields.")] = "60s",
    report: Annotated[str, typer.Option(help="When reports are made; empty: never.")] = "0 5 * * *",
    retain: Annotated[str, typer.Option(help="When retention runs; empty: never.")] = "0 3 * * *",
) -> None:
    """Sync, retention, reports and alerts on a schedule in one process; SIGTERM ends it cleanly."""
    from operations.watch import watch
    from pipelines.child import in_child
    from pipelines.rhythm import rhythm
    from pipelines.stop import Stop
    from pipelines.worker import Job, stops_on_signals, work
    from receiver.quarantine import Quarantine

    given, stop = settings(), Stop()
    beats = [
        ("sync", every, lambda: sync_or_finish_erasure(given)),
        ("retain", retain, lambda: run_retain(given, quiet)),
        ("report", report, lambda: run_report(given, quiet)),
        ("watch", every, lambda: watch(given, Quarantine(given).count())),
    ]
    try:
        jobs = [
            Job(name, rhythm(beat, given.timezone), in_child(run))
            for name, beat, run in beats
            if beat
        ]
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None
    warm_up(given)
    with stops_on_signals(stop):
        was_asked = work(jobs, stop=stop, state=given.state)
    raise typer.Exit(DONE if was_asked else FAILED)


@app.command(epilog="Example: hiring report --from 2026-01-01 --sector Hospitality")
def report(
    out: Annotated[Path | None, typer.Option(help="Folder; default HIRING_HOME/reports.")] = None,
    since: Annotated[str | None, typer.Option("--from", help="First day of application.")] = None,
    until: Annotated[str | None, typer.Option("--to", help="Last day of application.")] = None,
    job: Annotated[str | None, typer.Option(help="Only this job_uuid.")] = None,
    sector: Annotated[str | None, typer.Option(help="Only jobs of this sector.")] = None,
    source: Annotated[str | None, typer.Option(help="Only this source_name.")] = None,
    country: Annotated[str | None, typer.Option(help="Only jobs in it: name or code.")] = None,
    as_json: AsJson = False,
) -> None:
    """Run the notebooks on the published tables; writes HTML that works offline."""
    from notebooks.filters import Filters

    given = {"since": since, "until": until, "job": job, "sector": sector, "source": source}
    try:
        filters = Filters.of({**given, "country": country})
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None
    with progress("report") as tell:
        done = run_report(settings(), tell, filters, out)
    show(vars(done), [f"report: {done.path} ({done.seconds:.1f} s)"], as_json)
    if done.failed:
        fail(f"pages that failed: {', '.join(map(str, done.failed))}", FAILED)


@app.command(epilog="Example: hiring forget --email ann@example.com --dry-run")
def forget(
    candidate: Annotated[list[str] | None, typer.Option(help="Candidate uuid; repeatable.")] = None,
    email: Annotated[list[str] | None, typer.Option(help="E-mail address; repeatable.")] = None,
    file: Annotated[Path | None, typer.Option(help="Uuids and addresses, one a line.")] = None,
    reapply: Annotated[
        bool, typer.Option(help="Finish an erasure, or repeat all after a restore.")
    ] = False,
    dry_run: Annotated[bool, typer.Option(help="Say what is held; remove nothing.")] = False,
    no_wait: Annotated[bool, typer.Option(help="Exit 3 when a run holds the lock.")] = False,
    as_json: AsJson = False,
) -> None:
    """Erase people from every place, with proof; exit 1 when it is not proven."""
    from privacy import forget as erase
    from privacy.people import People

    given = settings()
    with progress("forget") as tell:
        if reapply:
            done = erase.reapply(given, hands(given, tell), wait=not no_wait, progress=tell)
        else:
            named = People.of(candidate or (), email or ()) if not file else People.in_file(file)
            done = erase.forget(
                given,
                named,
                hands(given, tell),
                dry_run=dry_run,
                wait=not no_wait,
                progress=tell,
            )
    if done is None:
        typer.echo("no erasure is waiting")
        return
    show(done.as_dict(), done.lines_of_text(), as_json)
    raise typer.Exit(DONE if dry_run or done.is_proven else FAILED)


@app.command(epilog="Example: hiring retain --dry-run")
def retain(
    dry_run: Annotated[bool, typer.Option(help="Say who is due; remove nothing.")] = False,
    as_json: AsJson = False,
) -> None:
    """Erase whoever is kept longer than the settings allow (HIRING_RETAIN_…)."""
    with progress("retain") as tell:
        done = run_retain(settings(), tell, dry_run=dry_run)
    show(done.as_dict(), done.lines(), as_json)
    proven = done.erasure is None or done.erasure.is_proven
    raise typer.Exit(DONE if dry_run or proven else FAILED)


@app.command(epilog="Example: hiring export --candidate UUID > person.json")
def export(candidate: Annotated[str, typer.Option(help="Candidate uuid.")]) -> None:
    """Everything that is held on one person, as JSON, for an access request."""
    from privacy.export import export
    from receiver.quarantine import Quarantine

    given = settings()
    with progress("export") as tell:
        gather = partial(exchange(given).gather, tell)
        held = export(given, candidate, Quarantine(given), gather=gather, progress=tell)
    typer.echo(json.dumps(held, indent=2, ensure_ascii=False))


@app.command(epilog='Example: hiring query "select * from jobs" --format csv')
def query(
    sql: Annotated[str | None, typer.Argument(help="A query on the published tables.")] = None,
    output: Annotated[Format, typer.Option("--format", help="How to print it.")] = Format.table,
    example: Annotated[
        str | None, typer.Option(help="Run the example of this name instead of SQL.")
    ] = None,
    examples: Annotated[bool, typer.Option("--examples", help="List the examples.")] = False,
) -> None:
    """Read the published tables; SQL has no access to files or the network."""
    from warehouse import query as ask

    if sum((sql is not None, example is not None, examples)) != 1:
        raise typer.BadParameter("give one of SQL, --example NAME and --examples")
    if examples:
        typer.echo("\n".join(f"{one.name:<24} {one.question}" for one in ask.examples()))
        return
    given, text = settings(), sql or ask.example(str(example)).sql
    ask.query(given.published, text, output.value, sys.stdout, given.timezone)


@app.command(epilog="Example: hiring dictionary --out dictionary.html")
def dictionary(
    out: Annotated[
        Path | None, typer.Option(help="Default HIRING_HOME/reports/dictionary.html.")
    ] = None,
) -> None:
    """Write the data dictionary of the published tables: one searchable page, works offline."""
    from warehouse.dictionary import write_dictionary

    given = settings()
    path = out or given.reports / "dictionary.html"
    typer.echo(write_dictionary(given.published, path, given.analyst_group))


@quarantine_app.command("list", epilog="Example: hiring quarantine list --json")
def quarantine_list(as_json: AsJson = False) -> None:
    """What is in quarantine, oldest first."""
    from receiver.quarantine import Quarantine

    items = list(Quarantine(settings()).list())
    lines = [f"{i.id}  {i.received_at}  {i.bytes:>9,} bytes  {i.reason}" for i in items]
    facts = {"items": [vars(item) for item in items]}
    show(facts, lines or ["the quarantine is empty"], as_json)


@quarantine_app.command("show", epilog="Example: hiring quarantine show ID > body.bin")
def quarantine_show(id: Annotated[str, typer.Argument(help="From the list.")]) -> None:  # noqa: A002 - the word users know
    """Write the exact bytes of one body to stdout."""
    from receiver.quarantine import Quarantine

    sys.stdout.buffer.write(Quarantine(settings()).show(id)[1])


@quarantine_app.command("retry", epilog="Example: hiring quarantine retry")
def quarantine_retry(
    ids: Annotated[list[str] | None, typer.Argument(help="Only these; default all.")] = None,
    as_json: AsJson = False,
) -> None:
    """Try again to land what is in quarantine; repeating it counts nothing twice."""
    from receiver.retry import retry

    done = retry(settings(), ids or None)
    show(vars(done), [f"{done.landed:,} landed, {done.kept:,} stay in quarantine"], as_json)


@app.command(epilog="Example: hiring simulate --url http://127.0.0.1:8000/webhooks/occupop/TOKEN")
def simulate(
    url: Annotated[str | None, typer.Option(help="The webhook URL, with its token.")] = None,
    file: Annotated[Path | None, typer.Option(help="Or JSON lines, for `hiring land`.")] = None,
    candidates: Annotated[int, typer.Option(min=1, help="Candidates in the company.")] = 2000,
    seed: Annotated[int, typer.Option(help="The same seed gives the same company.")] = 1,
    rate: Annotated[
        float | None, typer.Option(help="Deliveries a second; default: all out.")
    ] = None,
    truth: Annotated[Path | None, typer.Option(help="Write the truth to this file.")] = None,
    yes_send_invented_data: Annotated[
        bool, typer.Option(help="Needed for a URL that is not on loopback.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Send an invented hiring year over HTTP, as Occupop would: repeats, disorder, bad bodies."""
    from simulator.company import make_company
    from simulator.deliver import deliver
    from simulator.lines import write_lines
    from simulator.truth import make_truth

    if (url is None) == (file is None):
        raise typer.BadParameter("give --url URL or --file FILE")
    company = make_company(candidates=candidates, seed=seed, end=datetime.now(UTC))
    with progress("simulate") as tell:
        if file:
            sent = write_lines(company, file, seed)
        else:
            sent = deliver(
                company,
                str(url),
                rate=rate,
                seed=seed,
                progress=tell,
                yes_send_invented_data=yes_send_invented_data,
            )
    if truth:
        make_truth(company).write(truth)
    show(vars(sent), sent.lines(), as_json)


@app.command(epilog="Example: hiring demo --candidates 500")
def demo(
    candidates: Annotated[int, typer.Option(min=1, help="Candidates in the company.")] = 2000,
    seed: Annotated[int, typer.Option(help="The same seed gives the same company.")] = 1,
) -> None:
    """The whole way in a fresh ./data/demo: serve, simulate, sync, reconcile, report."""
    home = Path("data/demo")
    shutil.rmtree(home, ignore_errors=True)
    given = settings(home)
    truth, sent = _simulate_on_loopback(given, candidates, seed)
    with progress("sync") as tell:
        summary = run_sync(given, tell)
    typer.echo("\n".join(summary.lines()))
    with progress("report") as tell:
        done = run_report(given, tell)
    is_exact = _reconcile(given, truth, sent)
    typer.echo(f"\nreport: {done.path.resolve()}")
    if not is_exact or done.failed:
        fail("the figures do not reconcile, or a page failed", FAILED)


def _simulate_on_loopback(given: Settings, candidates: int, seed: int) -> tuple[Truth, Deliveries]:
    from simulator.company import make_company
    from simulator.deliver import deliver
    from simulator.loopback import receiver
    from simulator.truth import make_truth

    company = make_company(candidates=candidates, seed=seed, end=datetime.now(UTC))
    command = [sys.executable, "-m", "hiring", "serve"]
    with receiver(command, given.home) as url, progress("simulate") as tell:
        sent = deliver(company, url, seed=seed, progress=tell)
    typer.echo("\n".join(sent.lines()))
    truth = make_truth(company)
    truth.write(given.home / "truth.json")
    return truth, sent


def _reconcile(given: Settings, truth: Truth, sent: Deliveries) -> bool:
    from simulator.reconcile import reconcile

    checks = reconcile(given.published, truth, sent)
    typer.echo("\nreconciliation: expected (simulator) = found (published)")
    for check in checks:
        sign = "=" if check.ok else "≠"
        typer.echo(f"  {check.name:<44} {check.expected!s:>12} {sign} {check.found}")
    wrong = sum(not check.ok for check in checks)
    typer.echo(f"{len(checks)} checks, {wrong} wrong")
    return wrong == 0


if __name__ == "__main__":
    main()
