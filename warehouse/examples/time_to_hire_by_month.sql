-- Do we hire faster than before?
-- Share hired within 60 days of applying, by month of application, with its 95 % interval; null
-- where the month has not been followed for 60 days. n = applications of the month.
select
    scope_value::date as cohort_month,
    applications as n,
    hired,
    open,
    round(incidence_60, 4) as share_hired_in_60_days,
    round(incidence_60_low, 4) as low,
    round(incidence_60_high, 4) as high,
    round(median_days_hired, 1) as median_days_hired
from time_to_hire
where scope = 'cohort_month'
order by cohort_month
