-- Applications counted by scope: from applying to hire (1), another end (2) or as_of (0).
-- Seen late, one is at risk from its first state on; the stay of one instant is at no risk.
with subjects as (

    select
        unnest([all_id, job_id, month_id, source_id]) as id,
        case when is_left_truncated then entry_us // 8640000000 else -1 end as entry_bin,
        bin_of(exit_us) as exit_bin,
        cause
    from hire_times
    where exit_us >= 0 and (not is_left_truncated or exit_us > entry_us)

)

select id, entry_bin, exit_bin, cause, count(*) as n
from subjects
where id is not null
group by id, entry_bin, exit_bin, cause
