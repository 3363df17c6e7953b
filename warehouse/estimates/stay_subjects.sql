-- One row per visit and scope: its stay, finished (1) or open at as_of (0). Visits whose entry was
-- not seen are left out.
with subjects as (

    select
        [all_id, job_id] as ids,
        (stay_us + 8639999999) // 8640000000 as exit_bin,
        case when is_finished then 1 else 0 end as cause
    from stay_times
    where not is_entry_unseen and stay_us >= 0

)

select unnest(ids) as id, -1 as entry_bin, exit_bin, cause from subjects
