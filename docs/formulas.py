"""Beside metric_definitions: the formula of each metric, what n counts, and where it comes from."""

from __future__ import annotations

from typing import NamedTuple


class Formula(NamedTuple):
    """formula and n in columns of the published tables; source: who defined it so, if anyone."""

    formula: str
    n: str
    source: str = ""


WILSON = "interval: Wilson 1927"
FORMULAS = {
    "applied_at": Formula(
        "received_at, else created_at, else the first state's time; after a transfer the first"
        " state in the new job; `applied_at_source` says which",
        "applications",
    ),
    "outcome": Formula(
        "`status_outcomes` of the last status; transferred when the candidate's next state names"
        " another job",
        "applications: open + hired + rejected + withdrawn + transferred + unmapped",
    ),
    "stage visit": Formula(
        "`days_in_stage` = `left_at` - `entered_at`; null while open and when the entry was not"
        " seen",
        "visits",
        "skips and backward moves as Greenhouse's pipeline history shows them",
    ),
    "cohort funnel": Formula(
        "entered = advanced + moved + moved_back + transferred + rejected + withdrawn + hired +"
        " open, by the last visit of an application to the stage; reached ≥ entered",
        "applications of `cohort_month`",
        "reached: Workable's and Greenhouse's reading of a skipped stage as passed",
    ),
    "pass_through": Formula(
        "(advanced + hired) / (entered - open); `bound_low` = (advanced + hired) / entered,"
        " `bound_high` = (advanced + hired + open) / entered",
        "entered - open, the completed considerations; null when 0",
        f"Ashby's completed considerations; {WILSON}",
    ),
    "pipeline snapshot": Formula(
        "`standing` = entries - exits up to the end of the month", "applications"
    ),
    "funnel activity": Formula("`entries`, `exits` of a month; no rate", "moves between stages"),
    "time to hire, hired only": Formula(
        "median and 90th percentile of `hired_at` - `applied_at` of the hired",
        "`hired` - `negative`",
        "what most tools call time to hire; it leaves out those who still wait",
    ),
    "incidence of hire": Formula(
        "F(t) = Σ S(t-) d/n over the times up to t: d hired, n at risk, S the share that has not"
        " ended in any way",
        "`applications`; at risk from `applied_at`, or from the first state when seen late",
        "Aalen and Johansen 1978; error: Andersen et al. 1993, 4.4.3, log-log scale; at 0 and 1:"
        " Wilson 1927",
    ),
    "time in stage": Formula(
        "first day on which S(t) = Π (1 - d/n) ≤ 0.5: d that leave, n that stand there",
        "`visits` - `left_truncated`",
        "Kaplan and Meier 1958; error: Greenwood 1926, log-log scale",
    ),
    "time to fill": Formula(
        "`first_hired_at` - `opened_at`; null until filled",
        "jobs; `is_censored` marks those still running",
        "ISO 30414, from going live",
    ),
    "time to start": Formula("`starts_at` - `hired_at`", "hired applications with `starts_at`"),
    "source effectiveness": Formula(
        "`hire_rate` = hired / completed; `open_share` = open / applications",
        "`completed` = applications that have ended; null when 0",
        WILSON,
    ),
    "pipeline ageing": Formula(
        "open applications by whole days from `last_moved_at` to `as_of`", "open applications"
    ),
    "score calibration": Formula(
        "`advanced_rate` = advanced / applications, `hired_rate` = hired / decided, by fifths of"
        " the score by rank; `auc` = share of pairs in which who advanced has the higher score,"
        " ties half",
        "`applications` that left screening; `decided` of them; the unscored apart",
        "variance: DeLong et al. 1988, logit scale, Student's t (Brunner and Munzel 2000);"
        f" rates: {WILSON}",
    ),
    "offer acceptance": Formula("hired / left offer, where a step is mapped to offer", ""),
    "cost per hire": Formula("", ""),
    "rejection reasons": Formula("", ""),
    "diversity": Formula("", ""),
    "interviewer load": Formula("", ""),
}
