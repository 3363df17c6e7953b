-- How likely is an applicant to be hired within 30, 60, 90 and 180 days?
-- Cumulative incidence of hire (Aalen-Johansen: other ends compete, open ones are censored) with
-- its 95 % interval; median and 90th percentile are of the hired only. n = applications.
select
    days,
    round(share, 4) as share_hired,
    round(low, 4) as low,
    round(high, 4) as high,
    round(median_days_hired, 1) as median_days_hired,
    round(p90_days_hired, 1) as p90_days_hired,
    hired,
    applications as n
from (
    select
        *,
        unnest([30, 60, 90, 180]) as days,
        unnest([incidence_30, incidence_60, incidence_90, incidence_180]) as share,
        unnest([incidence_30_low, incidence_60_low, incidence_90_low, incidence_180_low]) as low,
        unnest([incidence_30_high, incidence_60_high, incidence_90_high, incidence_180_high])
            as high
    from time_to_hire
    where scope = 'all'
)
order by days
