-- Cohorts whose eight exits are not what entered, or of which fewer reached a stage than entered it.
select *
from {{ ref('funnel_cohort') }}
where
    entered <> advanced + moved + moved_back + transferred + rejected + withdrawn + hired + open
    or reached < entered
    or pass_through not between pass_through_low and pass_through_high
    or bound_low > bound_high
