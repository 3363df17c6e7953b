-- Applications whose dates do not go with their outcome.
select *
from {{ ref('applications') }}
where
    (outcome = 'hired') <> (hired_at is not null)
    or (outcome = 'rejected') <> (rejected_at is not null)
    or (outcome = 'withdrawn') <> (withdrawn_at is not null)
    or (outcome = 'transferred') <> (transferred_at is not null)
