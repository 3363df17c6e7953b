{#- A table built whole, in one transaction. dbt's own builds beside and renames, at twice the cost. -#}
{% materialization rebuilt, adapter='duckdb' %}
  {%- set target_relation = this.incorporate(type='table') -%}
  {%- do make_room(load_cached_relation(this)) -%}
  {% call statement('main') -%}
    create or replace table {{ target_relation }} as {{ in_full_groups(compiled_code) }}
  {%- endcall %}
  {% do adapter.commit() %}
  {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}


{#-
  A table of which only the touched keys are built anew: meta.key names the column, meta.scope the
  model that lists them. All their rows go first, so that a key left without rows goes too, and a
  repeated run changes nothing. With meta.reread rows that later models and the publication read
  stand in memory, too (touched_rows): those of the keys of the scope that it names.
-#}
{% materialization keyed, adapter='duckdb' %}
  {%- set existing = load_cached_relation(this) -%}
  {%- set target_relation = this.incorporate(type='table') -%}
  {%- set meta = config.get('meta') -%}
  {%- set reread = meta.get('reread') -%}
  {%- do make_room(existing) -%}
  {%- if existing is none or existing.type == 'view' or flags.FULL_REFRESH -%}
    {% call statement('main') -%}
      create or replace table {{ target_relation }} as {{ in_full_groups(compiled_code) }}
    {%- endcall %}
    {%- do drop_former_touched() -%}
    {% do adapter.commit() %}
    {%- if reread and not flags.FULL_REFRESH -%}
      {%- do pass_on('from ' ~ target_relation) -%}
    {%- endif -%}
  {%- else -%}
    {%- set scope = this.incorporate(path={'identifier': meta['scope']}) -%}
    {%- set new_rows = '(' ~ compiled_code ~ '\n)' -%}
    {%- set is_passed_first = reread == {'key': meta['key'], 'scope': meta['scope']} -%}
    {%- if is_passed_first -%}
      {%- do pass_on(compiled_code) -%}
      {%- set new_rows = 'from ' ~ in_passing(this) -%}
    {%- endif -%}
    {% call statement('delete_touched') -%}
      delete from {{ target_relation }}
      where {{ meta['key'] }} in (select {{ meta['key'] }} from {{ scope }})
    {%- endcall %}
    {% call statement('main') -%}
      insert into {{ target_relation }} by name {{ new_rows }}
    {%- endcall %}
    {% do adapter.commit() %}
    {%- if reread and not is_passed_first -%}
      {%- set reread_scope = this.incorporate(path={'identifier': reread['scope']}) -%}
      {%- do pass_on('from ' ~ touched_of(target_relation, reread['key'], reread_scope)) -%}
    {%- endif -%}
  {%- endif -%}
  {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}


{#-
  Rows that only models of the same build read, by `passed_rows`: they stand in memory, and go when
  the warehouse is let go. To write them into the file would cost more than to find them. The table
  of the model's name is empty and says what columns they have.
-#}
{% materialization passed, adapter='duckdb' %}
  {%- set existing = load_cached_relation(this) -%}
  {%- set target_relation = this.incorporate(type='table') -%}
  {%- do make_room(existing) -%}
  {%- do pass_on(compiled_code, 'main') -%}
  {%- if existing is none or existing.type == 'view' or flags.FULL_REFRESH -%}
    {% call statement('columns') -%}
      create or replace table {{ target_relation }} as from {{ in_passing(this) }} limit 0
    {%- endcall %}
    {%- do drop_former_touched() -%}
    {% do adapter.commit() %}
  {%- endif -%}
  {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}


{#- Older versions kept rows of people there, and nothing else would remove them. -#}
{% macro drop_former_touched() %}
  {% call statement('former') -%}
    drop table if exists {{ this.incorporate(path={'identifier': this.identifier ~ '__touched'}) }}
  {%- endcall %}
{% endmacro %}


{#- The place in memory for rows that are not kept; empty when a run begins. -#}
{% macro make_passing() %}
  {{- return(adapter.dispatch('make_passing', 'hiring')()) -}}
{% endmacro %}

{% macro default__make_passing() %}{% endmacro %}

{% macro duckdb__make_passing() %}
  {{ drop_passing() }};
  attach ':memory:' as passing
{% endmacro %}


{#- It goes with the connection, but after a whole build it is much, and nobody reads it again. -#}
{% macro drop_passing() %}
  {{- return(adapter.dispatch('drop_passing', 'hiring')()) -}}
{% endmacro %}

{% macro default__drop_passing() %}{% endmacro %}

{% macro duckdb__drop_passing() %}detach database if exists passing{% endmacro %}


{#- Put the rows of a query there. A transaction writes into one database: this is one of its own. -#}
{% macro pass_on(rows, name='passed') %}
  {% call statement(name) -%}
    create or replace table {{ in_passing(this) }} as {{ rows }}
  {%- endcall %}
  {% do adapter.commit() %}
{% endmacro %}


{% macro in_passing(model) %}
  {{- return(model.incorporate(path={'database': 'passing', 'schema': 'main'})) -}}
{% endmacro %}


{#-
  Rows that come from one place are written as full row groups. Those of a join or an aggregate are
  not: each thread leaves a part of one, and the checkpoint writes most of the table again. What is
  published comes in the order of its grain, and needs no sorting then.
-#}
{% macro in_full_groups(code) -%}
  {%- set grain = config.get('meta', {}).get('grain') -%}
  {%- if grain -%}
  select * from ({{ code }}
  ) order by {{ grain | join(', ') }}
  {%- else -%}
  with whole as materialized ({{ code }}
  )
  select * from whole
  {%- endif -%}
{%- endmacro %}


{% macro make_room(existing) %}
  {%- if existing is not none and existing.type == 'view' -%}
    {%- do drop_relation_if_exists(existing) -%}
  {%- endif -%}
{% endmacro %}


{#-
  On Spark every model is a table, built whole in an empty schema: DuckDB reads the files that it
  leaves, for which a view has none.
-#}
{% materialization keyed, adapter='spark' %}{{ return(whole_table()) }}{% endmaterialization %}
{% materialization passed, adapter='spark' %}{{ return(whole_table()) }}{% endmaterialization %}
{% materialization rebuilt, adapter='spark' %}{{ return(whole_table()) }}{% endmaterialization %}
{% materialization view, adapter='spark' %}{{ return(whole_table()) }}{% endmaterialization %}

{% macro whole_table() %}
  {%- set target_relation = this.incorporate(type='table') -%}
  {% call statement('main') -%}
    create table {{ target_relation }} as {{ compiled_code }}
  {%- endcall %}
  {{ return({'relations': [target_relation]}) }}
{% endmacro %}
