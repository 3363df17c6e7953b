-- Visits counted by scope and stage: their stay, finished (1) or open at as_of (0). Those whose
-- entry was not seen are left out.
select
    id,
    -1 as entry_bin,
    exit_bin,
    case when is_finished then 1 else 0 end as cause,
    n
from stay_exits
where not is_entry_unseen and not is_negative
