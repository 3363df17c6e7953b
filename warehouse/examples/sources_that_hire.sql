-- Which sources bring people whom we hire?
-- Hired / completed applications of a source with Wilson's 95 % interval, n = completed. Ranked
-- only with 10 completed; while applications are open the rate may still change.
select
    source_name,
    source_type,
    applications,
    reached_interview,
    hired,
    completed as n,
    round(hire_rate, 3) as hire_rate,
    round(hire_rate_low, 3) as low,
    round(hire_rate_high, 3) as high,
    round(open_share, 3) as open_share
from source_effectiveness
order by completed >= 10 desc, hire_rate desc, source_type, source_name
