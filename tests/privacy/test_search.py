from __future__ import annotations

import gzip
from pathlib import Path

import duckdb
import pytest

from contract.settings import Settings
from privacy import proof
from privacy.look import NotReadable, look, scan_bytes
from privacy.proof import ControlFailed, control
from privacy.search import Kind, Search, Value

ANN = Value.of(Kind.EMAIL, "Ann@Example.com")
UUID = Value.of(Kind.CANDIDATE, "c9b1aae2-875b-4c41-b3f3-779a50bea464")


@pytest.mark.parametrize(
    "text",
    [
        "write to ANN@example.COM, please",
        '{"email":"ann\\u0040example.com"}',
        '{"body":"{\\"email\\":\\"ann\\\\u0040example.com\\"}"}',
        "email=ann%40example.com&x=1",
        "<p>ann&#64;example.com</p>",
        "ann@example.com.",
        "mailto:ann@example.com",
    ],
)
def test_an_address_is_found_in_every_spelling(text: str) -> None:
    assert Search([ANN]).found(text) == {ANN}


@pytest.mark.parametrize(
    "text",
    ["joann@example.com", "ann@example.com.au", "x.ann@example.com", "ann@example.community"],
)
def test_the_address_of_another_is_not_it(text: str) -> None:
    assert Search([ANN]).found(text) == set()


def test_an_id_is_found_in_a_path_and_not_in_a_longer_id() -> None:
    search = Search([UUID])
    assert search.found(f"/files/{UUID.text.upper()}.pdf") == {UUID}
    assert search.found(f"0{UUID.text}") == set()


def test_words_beyond_ascii_are_found_escaped_and_in_other_case() -> None:
    text = Value.of(Kind.TEXT, "Ich heiße 😀 Zoë und koche")
    assert Search([text]).found('"ICH HEISSE \\ud83d\\ude00 ZO\\u00cb UND KOCHE"') == {text}


def test_many_values_are_found_in_one_pass() -> None:
    values = [Value.of(Kind.EMAIL, f"p{n}@example.com") for n in range(200)]
    assert Search(values).found("p7@example.com p77@example.com") == {values[7], values[77]}
    assert Search([]).found("anything") == set()


def test_the_control_is_found_in_every_kind_of_storage(tmp_path: Path) -> None:
    controls = control(Settings(home=tmp_path))
    assert {"line", "table", "parquet", "utf-16", "bytes"} <= set(controls)
    assert list((tmp_path / "state").iterdir()) == []


def test_a_search_that_cannot_find_proves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A look that reads DuckDB files as bytes alone would find nothing where all is left."""
    monkeypatch.setattr(proof, "look", scan_bytes)
    with pytest.raises(ControlFailed):
        control(Settings(home=tmp_path))


def test_a_look_reads_every_row_and_package_and_says_where(tmp_path: Path) -> None:
    with duckdb.connect(str(tmp_path / "warehouse.duckdb")) as connection:
        connection.execute("create schema raw; create table raw.t (a varchar, b varchar[], c int)")
        connection.execute("insert into raw.t select 'x' || i, [], 1 from range(30000) as n(i)")
        connection.execute("insert into raw.t values ('x', ['ann@example.com'], 2)")
    (tmp_path / "landing").mkdir()
    (tmp_path / "landing" / "w0.jsonl").write_text('{"a":1}\n{"a":"ANN@example.com"}\n')
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "p.gz").write_bytes(gzip.compress(b"ann@example.com"))
    seen = look(tmp_path, Search([ANN, UUID]))
    assert seen.places() == {"landing": 1, "state": 1, "warehouse.duckdb raw.t": 1}
    assert seen.looked == {"landing": 2, "state": 1, "warehouse.duckdb raw.t": 30001}
    assert seen.values == {ANN}
    assert look(tmp_path, Search([ANN]), ["landing", "state/p.gz"]).places() == {
        "warehouse.duckdb raw.t": 1
    }


def test_what_cannot_be_read_is_not_proven_to_be_clean(tmp_path: Path) -> None:
    with duckdb.connect(str(tmp_path / "hiring.duckdb")) as connection:
        connection.execute("create table t as select 'ann@example.com' as a")
    path = tmp_path / "hiring.duckdb"
    path.write_bytes(path.read_bytes()[:5000])
    with pytest.raises(NotReadable, match=r"hiring\.duckdb can't be read"):
        look(tmp_path, Search([ANN]))
