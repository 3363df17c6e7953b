{#- What engines spell differently: the models are otherwise portable SQL. default__ is Spark's. -#}

{#- Microseconds from one time to another, BIGINT. -#}
{% macro microseconds(earlier, later) %}
  {{- return(adapter.dispatch('microseconds', 'hiring')(earlier, later)) -}}
{% endmacro %}

{% macro default__microseconds(earlier, later) -%}
  (unix_micros({{ later }}) - unix_micros({{ earlier }}))
{%- endmacro %}

{% macro duckdb__microseconds(earlier, later) -%}
  (epoch_us({{ later }}) - epoch_us({{ earlier }}))
{%- endmacro %}


{#- A duration in microseconds as fractional days. -#}
{% macro days(microseconds) -%}
  ({{ microseconds }} / 86400000000.0e0)
{%- endmacro %}


{#- First day of the month of a time, in the time zone of reports. -#}
{% macro local_month(time) %}
  {{- return(adapter.dispatch('local_month', 'hiring')(time)) -}}
{% endmacro %}

{% macro default__local_month(time) -%}
  cast(date_trunc('month', from_utc_timestamp({{ time }}, '{{ var("timezone") }}')) as date)
{%- endmacro %}

{% macro duckdb__local_month(time) -%}
  cast(date_trunc('month', {{ time }} at time zone '{{ var("timezone") }}') as date)
{%- endmacro %}


{#- A time some hours or seconds later. -#}
{% macro later(time, seconds) %}
  {{- return(adapter.dispatch('later', 'hiring')(time, seconds)) -}}
{% endmacro %}

{% macro default__later(time, seconds) -%}
  ({{ time }} + interval {{ seconds }} seconds)
{%- endmacro %}

{% macro duckdb__later(time, seconds) -%}
  ({{ time }} + to_seconds({{ seconds }}))
{%- endmacro %}


{#- Of an answer's lines those that equal one of the options' lines, one per line; null when none. -#}
{% macro offered_choices(answer, options) %}
  {{- return(adapter.dispatch('offered_choices', 'hiring')(answer, options)) -}}
{% endmacro %}

{% macro default__offered_choices(answer, options) -%}
  nullif(array_join(filter(
    split({{ answer }}, '\n'),
    choice -> array_contains(split({{ options }}, '\n'), choice)
  ), '\n'), '')
{%- endmacro %}

{% macro duckdb__offered_choices(answer, options) -%}
  nullif(array_to_string(list_filter(
    string_split({{ answer }}, chr(10)),
    lambda choice: list_contains(string_split({{ options }}, chr(10)), choice)
  ), chr(10)), '')
{%- endmacro %}


{#- The last value in a window that is not null; `over` follows. -#}
{% macro last_known(value) %}
  {{- return(adapter.dispatch('last_known', 'hiring')(value)) -}}
{% endmacro %}

{% macro default__last_known(value) -%}
  last_value({{ value }}) ignore nulls
{%- endmacro %}

{% macro duckdb__last_known(value) -%}
  last_value({{ value }} ignore nulls)
{%- endmacro %}


{#- A text as the mappings hold it: in lower case, without the spaces around it. -#}
{% macro folded(text) %}
  {{- return(adapter.dispatch('folded', 'hiring')(text)) -}}
{% endmacro %}

{#- DuckDB trims all of Unicode's spaces and lowers letter by letter; Spark's own do neither. -#}
{% macro default__folded(text) -%}
  lower(translate(regexp_replace({{ text }}, '^\\p{Zs}+|\\p{Zs}+$', ''), 'Σİ', 'σi'))
{%- endmacro %}

{% macro duckdb__folded(text) -%}
  lower(trim({{ text }}))
{%- endmacro %}
