-- One row per scope and stage: the naive figures of the stay. Leaves stay_times, one row per visit
-- with the numbers of its scopes, for stay_subjects: numbers group and join fast.
create or replace temp table stay_ids as
select scope, scope_value, stage, row_number() over (order by scope, scope_value, stage) - 1 as id
from (
    select 'all' as scope, 'all' as scope_value, stage from main.job_steps group by stage
    union all
    select 'job', job_uuid, stage from main.job_steps group by job_uuid, stage
);

create or replace temp table stay_steps as
select job_steps.job_uuid, job_steps.step_key, of_all.id as all_id, of_job.id as job_id
from main.job_steps as job_steps
inner join (select * from stay_ids where scope = 'all') as of_all
    on job_steps.stage = of_all.stage
inner join (select * from stay_ids where scope = 'job') as of_job
    on job_steps.job_uuid = of_job.scope_value and job_steps.stage = of_job.stage;

create or replace temp table stay_times as
select
    steps.all_id,
    steps.job_id,
    visits.is_entry_unseen,
    visits.left_at is not null as is_finished,
    epoch_us(coalesce(visits.left_at, freshness.as_of)) - epoch_us(visits.started_at) as stay_us
from main.int_visits as visits
inner join stay_steps as steps
    on visits.job_uuid = steps.job_uuid and visits.step_key = steps.step_key
cross join main.freshness as freshness;

select
    stay_ids.*,
    figures.* exclude (id)
from stay_ids
inner join (
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
) as figures on stay_ids.id = figures.id
order by stay_ids.id
