-- Leaves est_touched, one row per value of a scope that is estimated anew. Jobs are where they were
-- touched, or where time alone moved an open application or stay into another bin since est_made;
-- where that is empty, all are. Scopes of many jobs are each time, also those that are no more.
create or replace table main.est_touched as
with made as (

    select max(as_of) as as_of from main.est_made

),

open as (

    select job_uuid, greatest(applied_at, first_effective_at) as seen_at, applied_at as started_at
    from main.int_applications
    where coalesce(hired_at, rejected_at, withdrawn_at, transferred_at) is null
    union all
    select job_uuid, coalesce(entered_at, entered_before), coalesce(entered_at, entered_before)
    from main.stage_visits
    where left_at is null

),

jobs as (

    select job_uuid from main.int_touched_jobs
    union
    select open.job_uuid
    from open
    cross join made
    cross join main.freshness as freshness
    where
        made.as_of <= open.seen_at
        or bin_of(epoch_us(made.as_of) - epoch_us(open.started_at))
        <> bin_of(epoch_us(freshness.as_of) - epoch_us(open.started_at))
    union
    select int_applications.job_uuid
    from main.int_applications
    where (select as_of from made) is null

)

select job_uuid as scope_value from jobs
union
select 'all'
union
select cast(cohort_month as varchar) from main.int_applications group by cohort_month
union
select 'unknown'
union
select source_name from main.int_sources group by source_name
union
select scope_value from main.est_time_to_hire where scope <> 'job'
