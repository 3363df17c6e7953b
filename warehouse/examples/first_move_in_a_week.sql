-- How many applicants hear from us, or move on, within a week of applying?
-- Left their first step, by a move or an end, within 7 days. n = applications seen from their
-- start that entered it at least 7 days before as_of: all had the week.
select
    cohort_month,
    count(*) as n,
    count(*) filter (epoch(left_at) < epoch(entered_at) + 7 * 86400) as moved,
    round(moved / n, 3) as share
from stage_visits
cross join freshness
where visit_number = 1 and epoch(entered_at) <= epoch(as_of) - 7 * 86400
group by cohort_month
order by cohort_month
