-- One row per application and scope: from applying to hire (1), another end (2) or as_of (0).
-- Seen late, it is at risk from its first state on; the stay of one instant is at no risk.
with subjects as (

    select
        [all_id, job_id, month_id, source_id] as ids,
        case when is_left_truncated then entry_us // 8640000000 else -1 end as entry_bin,
        (exit_us + 8639999999) // 8640000000 as exit_bin,
        cause
    from hire_times
    where exit_us >= 0 and (not is_left_truncated or exit_us > entry_us)

)

select unnest(ids) as id, entry_bin, exit_bin, cause from subjects
