-- Applications counted by scope: from applying to hire (1), another end (2) or as_of (0).
-- Seen late, one is at risk from its first state on; the stay of one instant is at no risk.
select id, entry_bin, exit_bin, cause, n
from hire_exits
where is_at_risk
