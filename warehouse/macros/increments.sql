{#-
  What a build has covered stands in covered_loads: a row per load whose events are in the models.
  It is a set, not a high mark: a clock that steps back can hide no load.
-#}
{% macro find_new_loads() %}
  {{ return(adapter.dispatch('find_new_loads', 'hiring')()) }}
{% endmacro %}

{#- Other engines build every model whole. -#}
{% macro default__find_new_loads() %}{% endmacro %}

{% macro duckdb__find_new_loads() %}
  create table if not exists {{ target.schema }}.covered_loads (load_id varchar);
  {% if flags.FULL_REFRESH %}
    delete from {{ target.schema }}.covered_loads;
    drop table if exists {{ target.schema }}.built_by;
  {% endif %}
  create or replace table {{ target.schema }}.new_loads as
  select distinct load_id
  from {{ source('raw', '_dlt_loads') }}
  where status = 0 and load_id not in (select load_id from {{ target.schema }}.covered_loads)
{% endmacro %}


{#- The mark moves only when every model that keeps rows was built. -#}
{% macro mark_loads_covered(results) %}
  {{ return(adapter.dispatch('mark_loads_covered', 'hiring')(results)) }}
{% endmacro %}

{% macro default__mark_loads_covered(results) %}{% endmacro %}

{% macro duckdb__mark_loads_covered(results) %}
  {%- if execute -%}
    {%- set built = results | selectattr('status', 'equalto', 'success') | map(attribute='node.unique_id') | list -%}
    {%- set missing = [] -%}
    {%- for node in graph.nodes.values() if node.resource_type == 'model' and node.config.materialized == 'keyed' -%}
      {%- if node.unique_id not in built -%}{%- do missing.append(node.unique_id) -%}{%- endif -%}
    {%- endfor -%}
    {%- if not missing and results | selectattr('status', 'in', ['error', 'fail', 'skipped']) | list | length == 0 -%}
      insert into {{ target.schema }}.covered_loads select load_id from {{ target.schema }}.new_loads
    {%- endif -%}
  {%- endif -%}
{% endmacro %}


{#- A full build needs no list of what is touched: the lists stay empty then. -#}
{% macro of_new_load() -%}
  {%- if flags.FULL_REFRESH -%} false
  {%- else -%} load_id in (select load_id from {{ target.schema }}.new_loads)
  {%- endif -%}
{%- endmacro %}


{#- Restricts a keyed model to what new loads touched; nothing in a full build. -#}
{% macro only_touched(column, scope) %}
  {{- return(adapter.dispatch('only_touched', 'hiring')(column, scope)) -}}
{% endmacro %}

{% macro default__only_touched(column, scope) %}true{% endmacro %}

{% macro duckdb__only_touched(column, scope) -%}
  {%- if flags.FULL_REFRESH -%} true
  {%- else -%} {{ column }} in (select touched.{{ column.split('.')[-1] }} from {{ scope }} as touched)
  {%- endif -%}
{%- endmacro %}
