-- Visits counted by scope and stage: their stay, finished (1) or open at as_of (0). Those whose
-- entry was not seen are left out.
with subjects as (

    select
        unnest([all_id, job_id]) as id,
        bin_of(stay_us) as exit_bin,
        case when is_finished then 1 else 0 end as cause
    from stay_times
    where not is_entry_unseen and stay_us >= 0

)

select id, -1 as entry_bin, exit_bin, cause, count(*) as n
from subjects
where id is not null
group by id, exit_bin, cause
