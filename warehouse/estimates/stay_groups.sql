-- One row per scope and stage: the naive figures of the stay. Leaves stay_exits, one row per scope,
-- stage and way to leave, for stay_subjects. Job 0 is all of them; one that is not estimated anew
-- has none.
create or replace temp table stay_jobs as
select scope_value as job_uuid, cast(row_number() over (order by scope_value) as integer) as job
from main.est_touched;

create or replace temp table stay_stages as
select stage, cast(row_number() over (order by stage) - 1 as integer) as number
from (select distinct stage from main.job_steps);

create or replace temp table stay_exits as
with visits as not materialized (

    select
        visits.job_uuid,
        stay_stages.number,
        visits.entered_at is null as is_entry_unseen,
        visits.left_at is not null as is_finished,
        epoch_us(coalesce(visits.left_at, freshness.as_of))
        - epoch_us(coalesce(visits.entered_at, visits.entered_before)) as stay_us
    from main.stage_visits as visits
    cross join main.freshness as freshness
    inner join stay_stages on visits.stage = stay_stages.stage

)

select
    visits.number as id,
    is_entry_unseen,
    is_finished,
    stay_us < 0 as is_negative,
    bin_of(stay_us) as exit_bin,
    count(*) as n
from visits
group by all
union all
select
    stay_jobs.job * (select count(*) from stay_stages) + visits.number as id,
    visits.is_entry_unseen,
    visits.is_finished,
    visits.stay_us < 0 as is_negative,
    bin_of(visits.stay_us) as exit_bin,
    count(*)
from visits
inner join stay_jobs on visits.job_uuid = stay_jobs.job_uuid
group by all;

with counted as (

    select
        id,
        cast(sum(n) as bigint) as visits,
        cast(coalesce(sum(n) filter (where is_finished and not is_entry_unseen), 0) as bigint)
            as finished,
        cast(coalesce(sum(n) filter (where not is_finished and not is_entry_unseen), 0) as bigint)
            as open,
        cast(coalesce(sum(n) filter (where is_entry_unseen), 0) as bigint) as left_truncated
    from stay_exits
    group by id

),

finished as not materialized (

    select job_uuid, stage, epoch_us(left_at) - epoch_us(entered_at) as stay_us
    from main.stage_visits
    where left_at is not null and entered_at is not null

),

-- Whole microseconds add up exactly, whatever their order.
figures as (

    select 0 as job, stage, sum(stay_us) as sum_us, quantile_cont(stay_us, 0.5) as median_us
    from finished
    group by stage
    union all
    select stay_jobs.job, finished.stage, sum(stay_us), quantile_cont(stay_us, 0.5)
    from finished
    inner join stay_jobs on finished.job_uuid = stay_jobs.job_uuid
    group by stay_jobs.job, finished.stage

),

groups as (

    select
        jobs.*,
        stay_stages.stage,
        jobs.job * (select count(*) from stay_stages) + stay_stages.number as id
    from (
        select 'all' as scope, 'all' as scope_value, 0 as job
        union all
        select 'job', job_uuid, job from stay_jobs
    ) as jobs
    cross join stay_stages

)

select
    groups.* exclude (job),
    counted.* exclude (id),
    cast(figures.sum_us as double) / counted.finished / 86400000000.0e0 as mean_days_finished,
    figures.median_us / 86400000000.0e0 as median_days_finished
from groups
inner join counted on groups.id = counted.id
left join figures on groups.job = figures.job and groups.stage = figures.stage
order by groups.id
