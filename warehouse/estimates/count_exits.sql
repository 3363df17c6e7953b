-- One row per group and bin in which anyone comes under risk or exits, in order.
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

)

select
    id,
    bin,
    cast(sum(entered) as bigint) as entered,
    cast(sum(gone) as bigint) as gone,
    cast(sum(events) as bigint) as events,
    cast(sum(others) as bigint) as others
from movements
group by id, bin
order by id, bin
