-- One row per metric: what it means, and where it stands or why it cannot.
{{ config(materialized='view') }}

select
    'applied_at' as metric,
    'applications' as table_name,
    'timestamp' as unit,
    'When an application was received: received_at, else created_at, else its first state; after a transfer its first state.' as definition,
    true as is_computable
union all
select
    'outcome' as metric,
    'applications' as table_name,
    'word' as unit,
    'open, hired, rejected, withdrawn or transferred by the last state and status_outcomes; unmapped where the status has none.' as definition,
    true as is_computable
union all
select
    'stage visit' as metric,
    'stage_visits' as table_name,
    'days' as unit,
    'A maximal run of states of one application in one step; it ends with the next visit or the end of the application.' as definition,
    true as is_computable
union all
select
    'cohort funnel' as metric,
    'funnel_cohort' as table_name,
    'applications' as unit,
    'Applications of a month followed to their end: entered visited the stage, reached visited it or a later one, exits by the last visit.' as definition,
    true as is_computable
union all
select
    'pass_through' as metric,
    'funnel_cohort' as table_name,
    'rate' as unit,
    '(advanced + hired) / (entered - open) with Wilson''s 95 % interval; bounds if no or all open applications pass. Immature cohorts are not ranked.' as definition,
    true as is_computable
union all
select
    'pipeline snapshot' as metric,
    'funnel_snapshot' as table_name,
    'applications' as unit,
    'Applications that stand in a stage at the end of a month, rebuilt from history; the month of as_of so far.' as definition,
    true as is_computable
union all
select
    'funnel activity' as metric,
    'funnel_activity' as table_name,
    'applications' as unit,
    'Entries into and exits out of a stage within a month; no rate.' as definition,
    true as is_computable
union all
select
    'time to hire, hired only' as metric,
    'time_to_hire' as table_name,
    'days' as unit,
    'Median and 90th percentile of hired_at - applied_at of the hired. Biased while applications are open; negative ones are left out and counted.' as definition,
    true as is_computable
union all
select
    'incidence of hire' as metric,
    'time_to_hire' as table_name,
    'rate' as unit,
    'Share hired within 30, 60, 90, 180 days of applying: Aalen-Johansen; rejection, withdrawal and transfer compete, open ones are censored at as_of, late entry is allowed for.' as definition,
    true as is_computable
union all
select
    'time in stage' as metric,
    'time_in_stage' as table_name,
    'days' as unit,
    'Kaplan-Meier median of the stay, every exit an event, open visits censored at as_of; mean and median of the finished beside it.' as definition,
    true as is_computable
union all
select
    'time to fill' as metric,
    'time_to_fill' as table_name,
    'days' as unit,
    'From published_at (else created_at) of the job to its first hire.' as definition,
    true as is_computable
union all
select
    'time to start' as metric,
    'applications' as table_name,
    'days' as unit,
    'starts_at - hired_at.' as definition,
    true as is_computable
union all
select
    'source effectiveness' as metric,
    'source_effectiveness' as table_name,
    'rate' as unit,
    'Hired / completed applications of a source with Wilson''s 95 % interval, beside the share that is open. A source that five applications share is published as typed and may name a person: source_map.csv gives it another name.' as definition,
    true as is_computable
union all
select
    'pipeline ageing' as metric,
    'pipeline_ageing' as table_name,
    'applications' as unit,
    'Open applications by days since their last move, at as_of.' as definition,
    true as is_computable
union all
select
    'score calibration' as metric,
    'score_calibration' as table_name,
    'rate' as unit,
    'Of each fifth of the last score known before leaving screening: advanced past screening, hired; AUC with DeLong''s 95 % interval. People saw the score.' as definition,
    true as is_computable
union all
select
    'offer acceptance' as metric,
    null as table_name,
    'rate' as unit,
    'Not computable from the payload, unless stage_map maps a step to offer: then hired / left offer, in funnel_cohort.' as definition,
    false as is_computable
union all
select
    'cost per hire' as metric,
    null as table_name,
    'money' as unit,
    'Not computable: the payload has no costs.' as definition,
    false as is_computable
union all
select
    'rejection reasons' as metric,
    null as table_name,
    'word' as unit,
    'Not computable: the payload has no reasons.' as definition,
    false as is_computable
union all
select
    'diversity' as metric,
    null as table_name,
    'rate' as unit,
    'Not computable: the payload has no such fields, and none should be guessed.' as definition,
    false as is_computable
union all
select
    'interviewer load' as metric,
    null as table_name,
    'interviews' as unit,
    'Not computable: the payload names no interviewers.' as definition,
    false as is_computable
