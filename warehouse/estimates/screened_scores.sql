-- One row per kind of score and score known before leaving screening, null where there was none:
-- how many applications left screening with it, and what became of them.
select
    'ai_score' as score_kind,
    ai_score as score,
    count(*) as applications,
    count(*) filter (where has_advanced) as advanced,
    count(*) filter (where is_decided) as decided,
    count(*) filter (where is_hired) as hired
from main.int_screenings
group by ai_score
union all
select
    'interview_score' as score_kind,
    interview_score as score,
    count(*) as applications,
    count(*) filter (where has_advanced) as advanced,
    count(*) filter (where is_decided) as decided,
    count(*) filter (where is_hired) as hired
from main.int_screenings
group by interview_score
union all
select
    'questions_score' as score_kind,
    questions_score as score,
    count(*) as applications,
    count(*) filter (where has_advanced) as advanced,
    count(*) filter (where is_decided) as decided,
    count(*) filter (where is_hired) as hired
from main.int_screenings
group by questions_score
union all
select
    'total_score' as score_kind,
    total_score as score,
    count(*) as applications,
    count(*) filter (where has_advanced) as advanced,
    count(*) filter (where is_decided) as decided,
    count(*) filter (where is_hired) as hired
from main.int_screenings
group by total_score
order by score_kind, score nulls first
