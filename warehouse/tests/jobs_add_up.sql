-- Jobs whose outcomes are not their applications.
select *
from {{ ref('jobs') }}
where applications <> open + hired + rejected + withdrawn + transferred + unmapped
