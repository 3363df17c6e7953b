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


{#- All rows in a full build, those of what new loads touched in another. -#}
{% macro all_or_touched(every, touched) %}
  {{- return(adapter.dispatch('all_or_touched', 'hiring')(every, touched)) -}}
{% endmacro %}

{% macro default__all_or_touched(every, touched) %}{{- return(every) -}}{% endmacro %}

{% macro duckdb__all_or_touched(every, touched) %}
  {{- return(every if flags.FULL_REFRESH else touched) -}}
{% endmacro %}


{#-
  When the first delivery landed about any of these candidates, by what the last build knew of them
  and by what is new. Said as a value, it lets DuckDB skip all that landed before.
-#}
{% macro first_landed_at(candidates, events) %}
  {{- return(adapter.dispatch('first_landed_at', 'hiring')(candidates, events)) -}}
{% endmacro %}

{% macro default__first_landed_at(candidates, events) %}'-infinity'{% endmacro %}

{% macro duckdb__first_landed_at(candidates, events) %}
  {%- set known = load_relation(this.incorporate(path={'identifier': 'int_applications'})) -%}
  {%- if known is none or flags.FULL_REFRESH or flags.WHICH not in ['build', 'run'] -%}
    {{- return("'-infinity'") -}}
  {%- endif -%}
  {%- set first -%}
    select coalesce(min(first_landed_at), '-infinity') from (
      select first_landed_at from {{ known }}
      where candidate_uuid in (select candidate_uuid from {{ candidates }})
      union all
      select landed_at from {{ events }} where {{ of_new_load() }}
    )
  {%- endset -%}
  {{- return("'" ~ run_query(first).columns[0].values()[0] ~ "'") -}}
{% endmacro %}


{#-
  The rows of a keyed model that are touched by the scope of its meta.reread, as `all_or_touched`
  has it: the materialization keeps them apart. In a unit test the rows are given.
-#}
{% macro touched_rows(model) %}
  {{- return(all_or_touched(model, passed_rows(model))) -}}
{% endmacro %}


{#-
  The rows of a `passed` model, or what a `keyed` one put apart. Whoever only wants the SQL, or gives
  the rows in a unit test, gets the model's own name.
-#}
{% macro passed_rows(model) %}
  {{- return(adapter.dispatch('passed_rows', 'hiring')(model)) -}}
{% endmacro %}

{% macro default__passed_rows(model) %}{{- return(model) -}}{% endmacro %}

{% macro duckdb__passed_rows(model) %}
  {%- if model.is_cte or flags.WHICH not in ['build', 'run'] -%}{{- return(model) -}}{%- endif -%}
  {{- return(in_passing(model)) -}}
{% endmacro %}


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


{#-
  The rows of a table of many columns that new loads touched, all of them in a full build. They are
  found by their key, and then read by where they stand: a join would read all rows of all columns.
  A lake has no such places.
-#}
{% macro touched_of(model, column, scope) %}
  {{- return(adapter.dispatch('touched_of', 'hiring')(model, column, scope)) -}}
{% endmacro %}

{% macro default__touched_of(model, column, scope) %}{{- return(model) -}}{% endmacro %}

{% macro duckdb__touched_of(model, column, scope) -%}
  {%- if flags.FULL_REFRESH -%}{{- return(model) -}}{%- endif -%}
  {%- set touched = only_touched(column, scope) -%}
  {%- if model.is_cte or target.name != 'duckdb' -%}
    {{- return('(select * from ' ~ model ~ ' where ' ~ touched ~ ')') -}}
  {%- endif -%}
  {%- set places = 'select rowid from ' ~ model ~ ' where ' ~ touched -%}
  {{- return('(select * from ' ~ model ~ ' where rowid in (' ~ places ~ '))') -}}
{%- endmacro %}
