-- As of when are these figures, and what should we know before we use them?
-- Events received from first_landed_at to as_of; each finding with where it was found most.
-- n = applications, steps, states or deliveries concerned, by the check.
select
    as_of,
    first_landed_at,
    level,
    check_name,
    count(subject) as places,
    coalesce(sum(n), 0)::bigint as n,
    max_by(subject, (n, subject)) as most_in
from freshness
left join data_quality on true
group by all
order by level desc, n desc, check_name
