import pandas as pd

from notebooks import quality

FRESH = pd.DataFrame(
    {
        "as_of": [pd.Timestamp("2026-10-31 12:00", tz="UTC")],
        "first_landed_at": [pd.Timestamp("2026-05-14 23:30", tz="UTC")],
        "events_loaded": [1512],
        "last_load_id": ["1.2"],
    }
)


def test_the_ledger_is_told_in_words_and_in_the_time_zone():
    rows = quality.ledger(FRESH, "Europe/Dublin")
    assert rows.values.tolist() == [
        ["First event received", "2026-05-15 00:30 Europe/Dublin"],
        ["Last event received (as of)", "2026-10-31 12:00 Europe/Dublin"],
        ["Events loaded", "1,512"],
    ]


def test_since_when_events_are_received_is_said():
    assert "since 2026-05-14 23:30 UTC" in quality.since(FRESH, "UTC")
    assert "No event was received yet" in quality.since(FRESH.assign(first_landed_at=None), "UTC")
    assert "not known" in quality.since(FRESH.head(0), "UTC")


def test_every_flag_is_counted_against_all_applications():
    counts = pd.DataFrame([dict.fromkeys(quality.MEANINGS, 2) | {"applications": 10}])
    rows = quality.flags(counts)
    assert rows["what"].tolist()[0] == "Met on its way"
    assert set(rows["applications"]) == {2}
    assert set(rows["of"]) == {10}
