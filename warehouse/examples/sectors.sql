-- How does hiring differ by sector?
-- Applications and hires of a sector's jobs; hire_rate = hired / n, n = completed. A job may have
-- several sectors, so the rows do not add up to the total.
select
    sector_name,
    count(*) as jobs,
    sum(applications)::bigint as applications,
    sum(jobs.open)::bigint as open,
    sum(applications - jobs.open - unmapped)::bigint as n,
    sum(hired)::bigint as hired,
    round(sum(hired) / nullif(n, 0), 3) as hire_rate
from job_sectors
inner join jobs using (job_uuid)
group by sector_name
order by applications desc, sector_name
