-- One row per scope and stage: the naive figures of the stay. Leaves stay_scoped, one row per
-- visit and scope, for stay_subjects.
create or replace temp table stay_scoped as
with visits as (

    select
        visits.job_uuid,
        steps.stage,
        visits.is_entry_unseen,
        visits.left_at is not null as is_finished,
        epoch_us(coalesce(visits.left_at, freshness.as_of)) - epoch_us(visits.started_at) as stay_us
    from main.int_visits as visits
    inner join main.job_steps as steps
        on visits.job_uuid = steps.job_uuid and visits.step_key = steps.step_key
    cross join main.freshness as freshness

)

select 'all' as scope, 'all' as scope_value, visits.* from visits
union all
select 'job', job_uuid, visits.* from visits;

create or replace temp table stay_ids as
select scope, scope_value, stage, row_number() over (order by scope, scope_value, stage) - 1 as id
from (select distinct scope, scope_value, stage from stay_scoped);

select
    stay_ids.id,
    stay_ids.scope,
    stay_ids.scope_value,
    stay_ids.stage,
    count(*) as visits,
    count(*) filter (where is_finished and not is_entry_unseen) as finished,
    count(*) filter (where not is_finished and not is_entry_unseen) as open,
    count(*) filter (where is_entry_unseen) as left_truncated,
    cast(sum(stay_us) filter (where is_finished and not is_entry_unseen) as double)
    / count(*) filter (where is_finished and not is_entry_unseen)
    / 86400000000.0e0 as mean_days_finished,
    quantile_cont(stay_us, 0.5) filter (where is_finished and not is_entry_unseen)
    / 86400000000.0e0 as median_days_finished
from stay_scoped
inner join stay_ids using (scope, scope_value, stage)
group by all
order by stay_ids.id
