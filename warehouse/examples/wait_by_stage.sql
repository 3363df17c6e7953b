-- In which stage do applicants wait longest?
-- Days by which half have left the stage (Kaplan-Meier: those still waiting count too) with its
-- 95 % interval; beside it the plain median of finished stays, which is too short. n = stays.
select
    stage,
    round(median_days, 1) as median_days,
    round(median_days_low, 1) as low,
    round(median_days_high, 1) as high,
    round(median_days_finished, 1) as median_days_finished,
    finished,
    open,
    visits - left_truncated as n
from time_in_stage
where scope = 'all'
order by median_days desc nulls last, stage
