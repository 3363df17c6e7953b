-- What happened in each month: applications, hires, rejections, withdrawals?
-- Events by the month in which they happened, so a row is no rate: a hire of May may have applied
-- in March. Months are those of UTC. n = the counts themselves.
with events as (

    select applied_at as happened_at, 'applied' as kind from applications
    union all
    select hired_at, 'hired' from applications
    union all
    select rejected_at, 'rejected' from applications
    union all
    select withdrawn_at, 'withdrawn' from applications

),

days as (

    select epoch_us(happened_at) // 86400000000 as day, kind, count(*) as n
    from events
    where happened_at is not null
    group by day, kind

)

select
    date_trunc('month', date '1970-01-01' + day::integer)::date as month,
    coalesce(sum(n) filter (kind = 'applied'), 0)::bigint as applied,
    coalesce(sum(n) filter (kind = 'hired'), 0)::bigint as hired,
    coalesce(sum(n) filter (kind = 'rejected'), 0)::bigint as rejected,
    coalesce(sum(n) filter (kind = 'withdrawn'), 0)::bigint as withdrawn
from days
group by month
order by month
