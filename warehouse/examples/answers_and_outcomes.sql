-- Which answers on the application form go with being hired?
-- By question and option (of several ticked options each counts): hired / n, n = completed
-- applications that gave it, at least 10. Equal questions of several jobs are one.
with known as (

    -- The fewer to look up: whoever is not among them ended without being hired.
    select job_uuid, candidate_uuid, outcome = 'hired' as is_hired
    from applications
    where outcome in ('hired', 'open', 'unmapped')

),

answers as (

    select
        question_text,
        answer_option,
        count(*) as n,
        count(*) filter (is_hired) as hired
    from application_answers
    left join known using (job_uuid, candidate_uuid)
    where answer_option is not null and is_hired is distinct from false
    group by question_text, answer_option

),

options as (

    select question_text, unnest(string_split(answer_option, chr(10))) as answer_option, n, hired
    from answers

)

select
    question_text,
    answer_option,
    sum(n)::bigint as n,
    sum(hired)::bigint as hired,
    round(sum(hired) / sum(n), 3) as hire_rate
from options
group by question_text, answer_option
having sum(n) >= 10
order by question_text, hire_rate desc, answer_option
