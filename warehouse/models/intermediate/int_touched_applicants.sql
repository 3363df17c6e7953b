-- One row per candidate whose rows in applications can change: of a touched job, or of a source
-- whose published name can change, since so few others share it or one spells it lower.
with applications as (

    select candidate_uuid, job_uuid, source_key, raw_source_name from {{ ref('int_applications') }}

),

-- What touched candidates name now or ever named: they may have left a source.
named as (

    select {{ folded('source_name') }} as source_key, min(source_name) as lowest_name
    from {{ passed_rows(ref('int_touched_events')) }}
    where source_name is not null
    group by {{ folded('source_name') }}

),

others as (

    select source_key, min(raw_source_name) as lowest_name, count(*) as applications
    from applications
    where
        source_key in (select source_key from named)
        and candidate_uuid not in (select candidate_uuid from {{ ref('int_touched_candidates') }})
    group by source_key

),

sources as (

    select others.source_key
    from others
    inner join named on others.source_key = named.source_key
    where
        others.applications < {{ var('source_shared_by') }}
        or named.lowest_name < others.lowest_name

)

select distinct candidate_uuid
from applications
where
    job_uuid in (select job_uuid from {{ ref('int_touched_jobs') }})
    or source_key in (select source_key from sources)
