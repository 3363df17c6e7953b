-- One row per application that left screening: its scores until then, and what became of it.
select
    screenings.total_score,
    screenings.ai_score,
    screenings.interview_score,
    screenings.questions_score,
    screenings.has_advanced,
    applications.outcome not in ('open', 'unmapped') as is_decided,
    applications.outcome = 'hired' as is_hired
from main.int_screenings as screenings
inner join main.int_applications as applications
    on
        screenings.candidate_uuid = applications.candidate_uuid
        and screenings.job_uuid = applications.job_uuid
