from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa
import pytest

from contract import envelope, raw, tombstones
from pipelines import landed
from pipelines.bench import Bench
from pipelines.person import PersonKeys
from pipelines.segments import Known, batches
from pipelines.shred import shred
from tests.pipelines.conftest import Zone

Event = Callable[..., dict[str, Any]]
UUID = "11111111-2222-4333-8444-555555555555"


def tables_of(zone: Zone, known: Known | None = None) -> dict[str, pa.Table]:
    (batch,) = batches(zone.landing.entries({}))
    with Bench("UTC", PersonKeys(b"secret")) as bench:
        return shred(bench, zone.landing, batch, scratch=zone.home, known=known)


def shredded(zone: Zone, known: Known | None = None) -> dict[str, list[dict[str, Any]]]:
    order = {"candidate_events": "landed_at", "other_events": "landed_at"}
    return {
        name: (table.sort_by(order[name]) if name in order else table).to_pylist()
        for name, table in tables_of(zone, known).items()
    }


def test_every_raw_table_comes_with_its_columns_even_when_empty(zone: Zone, event: Event) -> None:
    zone.land(event(uuid="c1"))
    assert {name: table.column_names for name, table in tables_of(zone).items()} == {
        name: table.column_names() for name, table in raw.TABLES.items()
    }


SPELLINGS = [
    {"location": {"city": "Cork", "city_full_name": "Cork, Ireland", "country_short": "IE"},
     "questions_form": {"type": "select", "text": "Visa?", "options": "Yes, No", "answer": "No"},
     "updated_at": "2026-05-20T10:34:17.000000Z", "total_score": 7},
    {"location": {"city": "Cork", "cityFullName": "Cork, Ireland", "countryShort": "IE"},
     "questions_form": [{"type": "select", "text": "Visa?", "options": ["Yes", "No"],
                         "answer": "No"}],
     "updated_at": "2026-05-20 10:34:17", "total_score": "7.0"},
    {"location": {"city": "Cork", "cityFullName": "Cork, Ireland", "city_full_name": "",
                  "country_short": "IE", "state": ""},
     "questions_form": [{"type": "select", "text": "Visa?", "options": "Yes\nNo",
                         "answer": ["No"]}],
     "updated_at": "2026-05-20T12:34:17+02:00", "total_score": 7.0, "first_name": "", "file": None},
]  # fmt: skip


def test_spellings_of_one_state_make_the_same_rows(zone: Zone, event: Event) -> None:
    uuids = [UUID, UUID.upper(), UUID]
    zone.land(*(event(uuid=u, **data) for u, data in zip(uuids, SPELLINGS, strict=True)))
    tables = shredded(zone)
    delivery = {"event_id", "landed_at", "body_sha256"}
    states = [
        {key: value for key, value in row.items() if key not in delivery}
        for row in tables["candidate_events"]
    ]
    assert states[0] == states[1] == states[2]
    assert states[0]["city_full_name"] == "Cork, Ireland"
    answers = [
        (r["position"], r["options"], r["answer"]) for r in tables["candidate_event_answers"]
    ]
    assert answers == [(1, "Yes\nNo", "No")] * 3
    assert tables["contract_drift"] == []


def test_the_hash_of_a_state_is_that_of_earlier_versions(zone: Zone, event: Event) -> None:
    """Else a state that is sent again after an upgrade would be another one."""
    job = {"location": {"cityLat": 51.9}, "salary": {"start": "40k"}, "sectors": [{"name": "x"}]}
    zone.land(event(uuid="c"), event(uuid="c", **SPELLINGS[0]))
    zone.land(event("JobResource_created", uuid="j"), event("JobResource_created", **job))
    tables = shredded(zone)
    hashes = [row["state_hash"] for name in STATES for row in tables[name]]
    assert sorted(hashes) == HASHES


STATES = ("candidate_events", "job_events")
HASHES = [
    "8846d9889d537d9c8be5fe086304f1b1",
    "ceef0636c97f10614db31a4dddd8c366",
    "e5194ebe70698eff36f28d9764244aa1",
    "e614c5b588a8c4a94eabbaca732b257a",
]
PLACES = [{"city": "Cork", "city_lat": "51.9"}, {"city": "Cork", "city_lat": "north"},
          "Cork", None, {"city": {"name": "Cork"}}, {"city": "", "planet": "Mars"}]  # fmt: skip
FORMS = [[{"text": "Visa?", "answer": "No"}], {"text": "Visa?", "answer": ["No"]}, "No", None]


def test_who_shares_a_place_or_answers_with_others_has_the_rows_he_had_alone(
    tmp_path: Path, event: Event
) -> None:
    pairs = [(place, FORMS[0]) for place in PLACES] + [(PLACES[0], form) for form in FORMS[1:]]
    sent = [event(uuid="c", location=place, questions_form=form) for place, form in pairs]
    together, alone = Zone(tmp_path / "together"), []
    together.land(*sent, *sent)
    for number, one in enumerate(sent):
        zone = Zone(tmp_path / str(number))
        zone.land(one)
        alone.append(shredded(zone))
    tables = shredded(together)
    assert states(tables) == states(*alone, *alone)
    findings = [row for one in alone for row in drifted(one)]
    counted = Counter({key: 2 * n for key, n in Counter(findings).items()})
    assert counted == {(r["path"], r["kind"], r["json_type"]): r["count"]
                       for r in tables["contract_drift"]}  # fmt: skip


def states(*shredded: dict[str, list[dict[str, Any]]]) -> Counter[str]:
    """Rows of candidates with their answers, but for what the delivery brought."""
    found = []
    for tables in shredded:
        answers = tables["candidate_event_answers"]
        for row in tables["candidate_events"]:
            its = [a | {"event_id": 0} for a in answers if a["event_id"] == row["event_id"]]
            found.append(repr((row | {"event_id": 0, "landed_at": 0, "body_sha256": 0}, its)))
    return Counter(found)


def drifted(tables: dict[str, list[dict[str, Any]]]) -> list[tuple[str, str, str]]:
    return [(r["path"], r["kind"], r["json_type"]) for r in tables["contract_drift"]]


@pytest.mark.parametrize("small", [0, 600, 1 << 20])
def test_segments_are_counted_whether_they_are_joined_or_not(
    zone: Zone, event: Event, monkeypatch: pytest.MonkeyPatch, small: int
) -> None:
    monkeypatch.setattr(landed, "SMALL", small)
    for number in range(1, 4):  # of one line, of two, of three
        zone.land(*(event(uuid=f"{number}-{n}", total_score=n) for n in range(number)))
    tables = shredded(zone)
    assert [(r["seq"], r["rows"]) for r in tables["loaded_segments"]] == [(1, 1), (2, 2), (3, 3)]
    assert [r["uuid"] for r in tables["candidate_events"]] == [
        f"{number}-{n}" for number in range(1, 4) for n in range(number)
    ]
    assert list(zone.home.glob("tmp*")) == []


def test_updated_and_status_updated_of_one_state_have_one_hash(zone: Zone, event: Event) -> None:
    zone.land(
        event("CandidateResource_updated", uuid="c", status="new"),
        event("CandidateResource_status_updated", uuid="c", status="new"),
        event("CandidateResource_updated", uuid="c", status="hired"),
    )
    hashes = [row["state_hash"] for row in shredded(zone)["candidate_events"]]
    assert hashes[0] == hashes[1] != hashes[2]


def test_a_new_signature_on_a_link_is_no_new_state(zone: Zone, event: Event) -> None:
    zone.land(
        *(
            event(
                "JobResource_updated",
                uuid="j",
                apply_url=f"https://jobs.example.com/a?utm={i}",
                cv_upload_signed_url=f"https://files.example.com/u?signature={i}",
            )
            for i in (1, 2)
        )
    )
    rows = shredded(zone)["job_events"]
    assert rows[0]["state_hash"] == rows[1]["state_hash"]
    assert "signature" not in orjson.dumps(rows, default=str).decode()


def test_a_job_becomes_its_columns_and_lists(zone: Zone, event: Event) -> None:
    zone.land(
        event(
            "JobResource_created",
            uuid="j",
            title=" Chef ",
            sectors=[{"uuid": "s1", "name": "Food"}, {"uuid": "s2", "name": "Hotels"}],
            subsectors={"uuid": "x", "name": "Kitchen"},
            salary={"type": "Range", "start": "40,000", "end": "€60k"},
            published="1",
            closed_for_applicants=False,
        )
    )
    tables = shredded(zone)
    (job,) = tables["job_events"]
    assert (job["title"], job["is_published"], job["is_closed"]) == (" Chef ", True, False)
    assert (job["salary_start"], int(job["salary_min"]), int(job["salary_max"])) == (
        "40,000",
        40000,
        60000,
    )
    sectors = [(r["position"], r["sector_name"]) for r in tables["job_event_sectors"]]
    assert sectors == [(1, "Food"), (2, "Hotels")]
    assert [r["subsector_name"] for r in tables["job_event_subsectors"]] == ["Kitchen"]


def test_what_does_not_convert_is_null_and_drift(zone: Zone, event: Event) -> None:
    zone.land(
        event(
            "CandidateResource_created",
            uuid="c",
            total_score="seven",
            updated_at="yesterday",
            status={"code": 1},
            location="Cork",
            questions_form="none",
        ),
        event("JobResource_created", uuid="j", salary={"start": "Competitive", "end": "1e99"}),
    )
    tables = shredded(zone)
    (row,) = tables["candidate_events"]
    assert (row["total_score"], row["updated_at"], row["status"], row["city"]) == (None,) * 4
    found = {(r["path"], r["kind"], r["json_type"]) for r in tables["contract_drift"]}
    assert found == {
        ("total_score", "not_converted", "VARCHAR"),
        ("updated_at", "not_converted", "VARCHAR"),
        ("status", "not_converted", "OBJECT"),
        ("location", "wrong_shape", "VARCHAR"),
        ("questions_form", "wrong_shape", "VARCHAR"),
        ("salary.end", "not_converted", "VARCHAR"),
    }


def test_unknown_fields_are_kept_and_named_without_their_values(zone: Zone, event: Event) -> None:
    zone.land(
        event(uuid="c", workplace="Remote", location={"city": "Cork", "geo/hash": "u1"}),
        event(uuid="d", workplace="On site", **{"a b": 1}),
    )
    tables = shredded(zone)
    extras = [orjson.loads(row["extra"]) for row in tables["candidate_events"]]
    assert extras[0] == {"workplace": "Remote", "location.geo~1hash": "u1"}
    drift = {r["path"]: (r["kind"], r["count"], r["length"]) for r in tables["contract_drift"]}
    assert drift["workplace"] == ("unknown_field", 2, len('"On site"'))
    assert drift["(odd)"][0] == "odd_path"
    assert "Remote" not in str(tables["contract_drift"])


def test_other_kinds_and_contradictions_are_kept_whole(zone: Zone, event: Event) -> None:
    contradiction = event("CandidateResource_created", uuid="c")
    contradiction["meta"]["resource_type"] = "JobResource"
    zone.land(event("OfferResource_created", uuid="o", amount=5), contradiction)
    tables = shredded(zone)
    assert tables["candidate_events"] == []
    assert [row["event_name"] for row in tables["other_events"]] == [
        "OfferResource_created",
        "CandidateResource_created",
    ]
    assert orjson.loads(tables["other_events"][0]["body"])["data"]["amount"] == 5


@pytest.mark.parametrize(
    "body",
    [
        b'{"meta":{"event_name":"CandidateResource_updated"},"data":{"uuid":"a","uuid":"b"}}',
        b'{"meta":{"event_name":"CandidateResource_updated"},"data":{"uuid":18446744073709551616}}',
        b'{"meta":{"event_name":"CandidateResource_updated"},"data":{"uuid":"\\u0000\\ud83d\\ude00"}}',
        b'{"meta":{"event_name":"CandidateResource_updated"},"data":{"questions_form":[1,null,[]]}}',
        b'{"meta":{"event_name":"CandidateResource_updated"},\r\n"data":{"":1,"uuid":"c"}}',
    ],
)
def test_odd_but_valid_bodies_load(zone: Zone, body: bytes) -> None:
    zone.land(body)
    assert len(shredded(zone)["candidate_events"]) == 1


def test_a_delivery_landed_twice_or_known_before_is_one_row(zone: Zone, event: Event) -> None:
    zone.land(event(uuid="c"), event_id="e1", slot="land")
    zone.land(event(uuid="c"), event_id="e1", slot="land")
    zone.land(event(uuid="d"), event_id="e2", slot="land")
    assert [r["event_id"] for r in shredded(zone)["candidate_events"]] == ["e1", "e2"]
    tables = shredded(zone, {"candidate_events": pa.table({"event_id": ["e0", "e1"]})})
    assert [r["event_id"] for r in tables["candidate_events"]] == ["e2"]


def test_one_person_has_one_key_whatever_the_spelling_of_the_address(
    zone: Zone, event: Event
) -> None:
    zone.land(
        event(uuid="c", email="Ann@Example.com "),
        event(uuid="d", email="ann@example.com"),
        event(uuid="e", email=None),
    )
    keys = [row["person_key"] for row in shredded(zone)["candidate_events"]]
    assert keys[0] == keys[1]
    assert keys[0] is not None
    assert keys[2] is None


def test_stubs_of_the_erased_are_counted_and_are_no_rows(zone: Zone, event: Event) -> None:
    kept, gone = event(uuid="kept"), event(uuid="gone")
    zone.land(kept)
    lines = [
        envelope.line(
            orjson.dumps(body),
            envelope.understand(orjson.dumps(body)),
            event_id=body["data"]["uuid"],
            landed_at=zone.clock,
        )
        for body in (kept, gone)
    ]
    stub = tombstones.stub(envelope.head(lines[1]), alive="hash")
    zone.seal({"CandidateResource_updated": [lines[0], stub]})
    tables = shredded(zone)
    assert {row["uuid"] for row in tables["candidate_events"]} == {"kept"}
    assert tables["contract_drift"] == []
    counts = [(row["rows"], row["tombstoned"], row["alive"]) for row in tables["loaded_segments"]]
    assert counts == [(1, 0, 0), (1, 1, 1)]
