-- Visits of one application that begin before the former one was left.
select *
from (
    select
        *,
        coalesce(entered_at, entered_before) as began_at,
        lag(left_at) over application as left_before,
        lag(visit_number) over application as number_before
    from {{ ref('stage_visits') }}
    window application as (partition by candidate_uuid, job_uuid order by visit_number)
) as visits
where number_before is not null and (left_before is null or began_at < left_before or left_at < began_at)
