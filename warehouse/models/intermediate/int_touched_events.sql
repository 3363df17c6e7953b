-- One row per delivery, old or new, about a candidate of whom a new load speaks: found once, read
-- by all models that look at what was delivered, while a build goes on.
{{ config(materialized='passed') }}

with touched as (

    select candidate_uuid from {{ ref('int_touched_candidates') }}

)

select * from {{ ref('stg_candidate_events') }}
where
    candidate_uuid in (select candidate_uuid from touched)
    and landed_at >= {{ first_landed_at(ref('int_touched_candidates'), ref('stg_candidate_events')) }}
