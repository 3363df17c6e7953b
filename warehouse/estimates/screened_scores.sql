-- One row per kind of score and score known before leaving screening, null where there was none:
-- how many applications left screening with it, and what became of them.
select
    score_kind,
    score,
    count(*) as applications,
    count(*) filter (where has_advanced) as advanced,
    count(*) filter (where is_decided) as decided,
    count(*) filter (where is_hired) as hired
from main.int_screenings unpivot include nulls (
    score for score_kind in (total_score, ai_score, interview_score, questions_score)
)
group by score_kind, score
order by score_kind, score nulls first
