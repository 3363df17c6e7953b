-- Tables of which the parts are not all the applications that they count.
with applications as (

    select count(*) as n, count(*) filter (where outcome = 'open') as open
    from {{ ref('applications') }}

),

sources as (

    select coalesce(sum(applications), 0) as n from {{ ref('source_effectiveness') }}

),

ages as (

    select coalesce(sum(applications), 0) as open from {{ ref('pipeline_ageing') }}

)

select sources.n as by_source, ages.open as by_age, applications.*
from applications
cross join sources
cross join ages
where sources.n <> applications.n or ages.open <> applications.open
