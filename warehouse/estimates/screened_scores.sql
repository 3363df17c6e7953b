-- One row per kind of score and score known before leaving screening, null where there was none:
-- how many applications left screening with it, and what became of them. One set, one score.
select
    case
        when grouping(ai_score) = 0 then 'ai_score'
        when grouping(interview_score) = 0 then 'interview_score'
        when grouping(questions_score) = 0 then 'questions_score'
        else 'total_score'
    end as score_kind,
    coalesce(ai_score, interview_score, questions_score, total_score) as score,
    count(*) as applications,
    count(*) filter (where has_advanced) as advanced,
    count(*) filter (where is_decided) as decided,
    count(*) filter (where is_hired) as hired
from main.int_screenings
group by grouping sets ((ai_score), (interview_score), (questions_score), (total_score))
order by score_kind, score nulls first
