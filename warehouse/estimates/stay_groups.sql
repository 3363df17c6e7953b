-- One row per scope and stage: the naive figures of the stay. Leaves stay_times, one row per visit
-- with the numbers of its scopes, for stay_subjects: numbers group and join fast. A job that is not
-- estimated anew has none.
create or replace temp table stay_stages as
select stage, cast(row_number() over (order by stage) as integer) as id
from (select stage from main.job_steps group by stage);

create or replace temp table stay_jobs as
select
    job_uuid,
    cast(row_number() over (order by job_uuid) * (select count(*) from stay_stages) as integer) as id
from (select job_uuid from main.job_steps group by job_uuid)
where job_uuid in (select scope_value from main.est_touched);

create or replace temp table stay_times as
select
    stay_stages.id as all_id,
    stay_jobs.id + stay_stages.id as job_id,
    visits.entered_at is null as is_entry_unseen,
    visits.left_at is not null as is_finished,
    epoch_us(coalesce(visits.left_at, freshness.as_of))
    - epoch_us(coalesce(visits.entered_at, visits.entered_before)) as stay_us
from main.stage_visits as visits
inner join stay_stages on visits.stage = stay_stages.stage
left join stay_jobs on visits.job_uuid = stay_jobs.job_uuid
cross join main.freshness as freshness;

with stages as (

    select 'all' as scope, 'all' as scope_value, stage, id from stay_stages
    union all
    select 'job', stay_jobs.job_uuid, stay_stages.stage, stay_jobs.id + stay_stages.id
    from stay_jobs
    cross join stay_stages

),

figures as (

    select
        coalesce(all_id, job_id) as id,
        count(*) as visits,
        count(*) filter (where is_finished and not is_entry_unseen) as finished,
        count(*) filter (where not is_finished and not is_entry_unseen) as open,
        count(*) filter (where is_entry_unseen) as left_truncated,
        cast(sum(stay_us) filter (where is_finished and not is_entry_unseen) as double)
        / count(*) filter (where is_finished and not is_entry_unseen)
        / 86400000000.0e0 as mean_days_finished,
        quantile_cont(stay_us, 0.5) filter (where is_finished and not is_entry_unseen)
        / 86400000000.0e0 as median_days_finished
    from stay_times
    group by grouping sets ((all_id), (job_id))

)

select
    stages.*,
    figures.* exclude (id)
from stages
inner join figures on stages.id = figures.id
order by stages.id
