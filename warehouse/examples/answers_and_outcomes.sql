-- Which answers on the application form go with being hired?
-- By question and option (of several ticked options each counts): hired / n, n = completed
-- applications that gave it, at least 10. Equal questions of several jobs are one.
with answers as (

    select
        question_text,
        answer_option,
        count(*) as n,
        count(*) filter (outcome = 'hired') as hired
    from application_answers
    inner join applications using (job_uuid, candidate_uuid)
    where answer_option is not null and outcome not in ('open', 'unmapped')
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
