-- How many people apply more than once, and are they hired more often?
-- People by number of their applications (person_key, one e-mail address one person); hire_rate =
-- people hired at least once / n, n = people none of whose applications is open.
with people as (

    select
        person_key,
        least(count(*), 4) as times,
        bool_or(outcome = 'hired') as is_hired,
        bool_or(outcome in ('open', 'unmapped')) as is_open
    from applications
    where person_key is not null
    group by person_key

)

select
    case when times = 4 then '4 or more' else times::varchar end as applications,
    count(*) as people,
    count(*) filter (not is_open) as n,
    count(*) filter (not is_open and is_hired) as hired,
    round(hired / nullif(n, 0), 3) as hire_rate
from people
group by times
order by times
