-- Where do open applications stand, and how long have they not moved?
-- Open applications by stage and whole days since their last move, at as_of; n = open.
select
    stage,
    sum(applications)::bigint as open,
    coalesce(sum(applications) filter (days_band = '0-7'), 0)::bigint as days_0_to_7,
    coalesce(sum(applications) filter (days_band = '8-14'), 0)::bigint as days_8_to_14,
    coalesce(sum(applications) filter (days_band = '15-30'), 0)::bigint as days_15_to_30,
    coalesce(sum(applications) filter (days_band = '31-90'), 0)::bigint as days_31_to_90,
    coalesce(sum(applications) filter (days_band = '90+'), 0)::bigint as days_over_90
from pipeline_ageing
group by stage
order by min(stage_order), stage
