-- One row per group and bin with an exit: who is at risk there, and who exits by which cause.
-- subjects: id, entry_bin, exit_bin, cause. At risk in the bins entry_bin < b <= exit_bin.
with movements as (

    select
        id,
        exit_bin as bin,
        0 as entered,
        count(*) as gone,
        count(*) filter (where cause = 1) as events,
        count(*) filter (where cause = 2) as others
    from subjects
    group by id, exit_bin

    union all

    select id, entry_bin + 1 as bin, count(*), 0, 0, 0
    from subjects
    group by id, entry_bin

),

summed as (

    select
        id,
        bin,
        sum(entered) as entered,
        sum(gone) as gone,
        sum(events) as events,
        sum(others) as others
    from movements
    group by id, bin

),

running as (

    select
        *,
        sum(entered) over so_far - (sum(gone) over so_far - gone) as at_risk
    from summed
    window so_far as (
        partition by id order by bin rows between unbounded preceding and current row
    )

)

select
    id,
    bin,
    cast(at_risk as bigint) as at_risk,
    cast(events as bigint) as events,
    cast(others as bigint) as others
from running
where gone > 0
order by id, bin
