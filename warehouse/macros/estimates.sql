{#- The tables that warehouse/estimators.py fills: views stand on them, so they exist from the start. -#}
{% macro create_estimates() %}
  {%- set verb = 'create or replace table' if flags.FULL_REFRESH else 'create table if not exists' -%}
  {{ verb }} {{ target.schema }}.est_made (as_of timestamptz, loads varchar);
  {{ verb }} {{ target.schema }}.est_time_to_hire (
    scope varchar, scope_value varchar, applications bigint, hired bigint, open bigint,
    negative bigint, median_days_hired double, p90_days_hired double,
    {%- for days in [30, 60, 90, 180] %}
    incidence_{{ days }} double, incidence_{{ days }}_low double, incidence_{{ days }}_high double,
    {%- endfor %}
    half_incidence_days double, smallest_risk_set bigint
  );
  {{ verb }} {{ target.schema }}.est_time_in_stage (
    scope varchar, scope_value varchar, stage varchar, visits bigint, finished bigint, open bigint,
    left_truncated bigint, mean_days_finished double, median_days_finished double,
    median_days double, median_days_low double, median_days_high double, bias_days double,
    smallest_risk_set bigint
  );
  {{ verb }} {{ target.schema }}.est_time_in_stage_curve (
    scope varchar, scope_value varchar, stage varchar, day double, at_risk bigint,
    survival double, survival_low double, survival_high double
  );
  {{ verb }} {{ target.schema }}.est_score_calibration (
    score_kind varchar, band bigint, score_low double, score_high double, applications bigint,
    advanced bigint, advanced_rate double, advanced_low double, advanced_high double,
    decided bigint, hired bigint, hired_rate double, hired_low double, hired_high double,
    auc_advanced double, auc_advanced_low double, auc_advanced_high double,
    auc_hired double, auc_hired_low double, auc_hired_high double
  )
{% endmacro %}
