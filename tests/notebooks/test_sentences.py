import pandas as pd

from notebooks import sentences
from notebooks.intervals import with_rates


def test_a_window_names_its_first_and_last_month():
    months = pd.Series(pd.to_datetime(["2026-07-01", None, "2026-05-01"]))
    assert sentences.window(months) == "May 2026 to Jul 2026"
    assert sentences.window(months.head(1)) == "Jul 2026"
    assert sentences.window(months.head(0)) == "no month yet"


def test_jobs_of_one_title_are_told_apart_by_city_then_by_id():
    titles = pd.Series(["Nurse", "Cook", "Cook", "Cook"])
    cities = pd.Series([None, "Cork", "Lyon", "Lyon"])
    ids = pd.Series(["11111111-a", "22222222-a", "33333333-a", "44444444-a"])
    assert sentences.apart(titles, cities, ids) == [
        "Nurse",
        "Cook, Cork",
        "Cook, Lyon (33333333)",
        "Cook, Lyon (44444444)",
    ]


def rates(*rows):
    data = pd.DataFrame(rows, columns=["source", "hired", "ended", "open"])
    return with_rates(data, "hired", "ended")


def test_only_a_rate_whose_interval_stands_apart_is_named():
    clear = rates(("A", 60, 100, 0), ("B", 10, 100, 0))
    assert sentences.best(clear, "source", "hired", "ended").startswith("A stands out: 60 of 100")
    close = rates(("A", 11, 100, 0), ("B", 10, 100, 0))
    assert "chance" in sentences.best(close, "source", "hired", "ended")


def test_small_and_immature_rows_are_never_ranked():
    data = rates(("small", 9, 9, 0), ("immature", 90, 100, 3), ("A", 10, 100, 0), ("B", 2, 50, 0))
    said = sentences.best(data, "source", "hired", "ended")
    assert "small" not in said
    assert "immature" not in said


def test_the_funnel_names_where_most_are_lost_and_says_nothing_of_a_few():
    stages = pd.DataFrame(
        {"stage": ["Applied", "Interview"], "went_on": [30, 1], "finished": [100, 9]}
    )
    stages["rate"] = stages["went_on"] / stages["finished"]
    assert sentences.of_funnel(stages).startswith("Fewest go on from Applied: 30 of 100 (30%)")
    assert "Too few" in sentences.of_funnel(stages.tail(1))


def test_only_complete_months_make_the_sentence_of_months():
    months = pd.DataFrame({"hired": [5, 9], "ended": [50, 90], "open": [0, 2]})
    assert sentences.of_months(months) == (
        "In the months that are complete (1), 5 of 50 (10%) were hired."
    )
    assert sentences.of_months(months.tail(1)).startswith("No month")


def test_how_many_rows_are_drawn_is_said():
    assert sentences.shown(pd.DataFrame({"a": range(3)}), 5, "jobs", "hires") == (
        "Jobs: all 3, most hires first."
    )
    assert "has all 3" in sentences.shown(pd.DataFrame({"a": range(3)}), 2, "jobs", "hires")
    assert sentences.shown(pd.DataFrame(), 2, "jobs", "hires") == "None."


def test_jobs_that_are_filled_wait_or_ended_are_counted():
    fills = pd.DataFrame(
        {"days_to_fill": [10.0, 30.0, None, None], "is_censored": [False, False, True, False]}
    )
    assert sentences.of_fills(fills) == (
        "2 jobs are filled, 1 wait for a hire, 1 ended without one or have no usable dates."
        " Half of the filled took 20.0 days or less."
    )


def test_the_incidence_is_told_for_the_longest_time_that_was_followed():
    row = pd.DataFrame({"half_incidence_days": [21.5]})
    for days, share in ((30, 0.05), (60, 0.1), (90, 0.12), (180, None)):
        for end in ("", "_low", "_high"):
            row[f"incidence_{days}{end}"] = share
    assert sentences.of_incidence(row).startswith("12% (12%–12%) are hired within 90 days")
    assert "half of them within 21.5 days" in sentences.of_incidence(row)
    assert "not followed" in sentences.of_incidence(row.head(0))


def test_scores_are_told_only_where_there_are_enough():
    row = {"auc_advanced": 0.6, "auc_advanced_low": 0.5, "auc_advanced_high": 0.7}
    kinds = {"ai_score": pd.DataFrame([row]), "total_score": pd.DataFrame([dict.fromkeys(row)])}
    assert sentences.of_scores(kinds).endswith("AI score: 60% (50%–70%).")
    assert "too few" in sentences.of_scores({})


def test_stages_that_are_not_drawn_are_told():
    assert sentences.left_out(8, 8) == ()
    (note,) = sentences.left_out(15, 40)
    assert note.endswith("15 stages that most applications reached; the data has 40.")
