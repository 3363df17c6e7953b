-- One row: up to when events are known, and the ledger of what was loaded.
-- events_loaded = candidate_states + job_states + other_events + repeats.
with loaded as (

    select slot, seq, coalesce(first_seq, seq) as first_seq, rows, tombstoned, last_landed_at
    from {{ source('raw', 'loaded_segments') }}
    where
        not coalesce(damaged, false)
        and _dlt_load_id in (select load_id from {{ source('raw', '_dlt_loads') }} where status = 0)

),

-- Merged batches that were loaded on top of some of them count once.
placed as (

    select
        *,
        max(seq) over (
            partition by slot
            order by first_seq, seq desc
            rows between unbounded preceding and 1 preceding
        ) as merged_up_to
    from loaded

),

segments as (

    select
        coalesce(cast(sum(rows) as bigint), 0) as events_loaded,
        coalesce(cast(sum(tombstoned) as bigint), 0) as tombstoned,
        -- Of the erased, too: the time of what came last is nobody's, and must not go back.
        max(last_landed_at) as last_landed_at
    from placed
    where merged_up_to is null or merged_up_to < seq

),

loads as (

    select max(load_id) as last_load_id
    from {{ source('raw', '_dlt_loads') }}
    where status = 0

),

applications as (

    select
        coalesce(sum(deliveries), 0) as deliveries,
        cast(coalesce(sum(states), 0) as bigint) as states,
        min(first_landed_at) as first_landed_at,
        max(last_landed_at) as last_landed_at
    from {{ ref('int_applications') }}

),

homeless_deliveries as (

    select
        count(distinct event_id) as deliveries,
        min(landed_at) as first_landed_at,
        max(landed_at) as last_landed_at
    from {{ ref('int_homeless') }}

),

homeless_states as (

    select
        count(*) as states,
        count(*) filter (where candidate_uuid is null) as without_uuid,
        count(*) filter (where candidate_uuid is not null) as without_job
    from (
        select distinct candidate_uuid, job_uuid, state_hash
        from {{ ref('int_homeless') }}
    ) as states

),

jobs as (

    select
        count(distinct event_id) as deliveries,
        count(distinct case when job_uuid is null then state_hash end) as without_uuid,
        min(landed_at) as first_landed_at,
        max(landed_at) as last_landed_at
    from {{ ref('stg_job_events') }}

),

versions as (

    select count(*) as states from {{ ref('int_job_versions') }}

),

others as (

    select
        count(distinct event_id) as deliveries,
        min(landed_at) as first_landed_at,
        max(landed_at) as last_landed_at
    from {{ source('raw', 'other_events') }}
    where _dlt_load_id in (select load_id from {{ source('raw', '_dlt_loads') }} where status = 0)

),

landed as (

    select
        cast(sum(deliveries) as bigint) as deliveries,
        min(first_landed_at) as first_landed_at,
        max(last_landed_at) as last_landed_at
    from (
        select deliveries, first_landed_at, last_landed_at from applications
        union all
        select deliveries, first_landed_at, last_landed_at from homeless_deliveries
        union all
        select deliveries, first_landed_at, last_landed_at from jobs
        union all
        select deliveries, first_landed_at, last_landed_at from others
    ) as landed

),

final as (

    select
        greatest(landed.last_landed_at, segments.last_landed_at) as as_of,
        landed.first_landed_at,
        segments.events_loaded,
        segments.tombstoned,
        landed.deliveries,
        applications.states + homeless.states as candidate_states,
        versions.states + jobs.without_uuid as job_states,
        others.deliveries as other_events,
        segments.events_loaded
        - applications.states - homeless.states
        - versions.states - jobs.without_uuid
        - others.deliveries as repeats,
        homeless.without_uuid + jobs.without_uuid as without_uuid,
        homeless.without_job,
        loads.last_load_id,
        {{ var('published_format') }} as format
    from segments
    cross join loads
    cross join landed
    cross join homeless_states as homeless
    cross join applications
    cross join jobs
    cross join versions
    cross join others

)

select * from final
