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
  repeated run changes nothing. With meta.reread rows that later models read are kept apart, too
  (touched_rows): those of the keys of the scope that it names.
-#}
{% materialization keyed, adapter='duckdb' %}
  {%- set existing = load_cached_relation(this) -%}
  {%- set target_relation = this.incorporate(type='table') -%}
  {%- set touched = this.incorporate(path={'identifier': this.identifier ~ '__touched'}) -%}
  {%- set meta = config.get('meta') -%}
  {%- set reread = meta.get('reread') -%}
  {%- do make_room(existing) -%}
  {%- if existing is none or existing.type == 'view' or flags.FULL_REFRESH -%}
    {% call statement('main') -%}
      create or replace table {{ target_relation }} as {{ in_full_groups(compiled_code) }}
    {%- endcall %}
    {%- if reread -%}
      {% call statement('touched') -%}
        create or replace table {{ touched }} as
        from {{ target_relation }}{{ ' limit 0' if flags.FULL_REFRESH }}
      {%- endcall %}
    {%- endif -%}
  {%- else -%}
    {%- set scope = this.incorporate(path={'identifier': meta['scope']}) -%}
    {%- set new_rows = '(' ~ compiled_code ~ '\n)' -%}
    {%- set is_written_apart = reread == {'key': meta['key'], 'scope': meta['scope']} -%}
    {%- if is_written_apart -%}
      {% call statement('touched') -%}
        create or replace table {{ touched }} as {{ compiled_code }}
      {%- endcall %}
      {%- set new_rows = 'from ' ~ touched -%}
    {%- endif -%}
    {% call statement('delete_touched') -%}
      delete from {{ target_relation }}
      where {{ meta['key'] }} in (select {{ meta['key'] }} from {{ scope }})
    {%- endcall %}
    {% call statement('main') -%}
      insert into {{ target_relation }} by name {{ new_rows }}
    {%- endcall %}
    {%- if reread and not is_written_apart -%}
      {% call statement('touched') -%}
        {%- set reread_scope = this.incorporate(path={'identifier': reread['scope']}) %}
        create or replace table {{ touched }} as
        from {{ touched_of(target_relation, reread['key'], reread_scope) }}
      {%- endcall %}
    {%- endif -%}
  {%- endif -%}
  {% do adapter.commit() %}
  {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}


{#-
  Rows that only models of the same build read, by `passed_rows`: they stand in memory, and go when
  the build is done. To write them into the file would cost more than to find them. The table
  of the model's name is empty and says what columns they have.
-#}
{% materialization passed, adapter='duckdb' %}
  {%- set existing = load_cached_relation(this) -%}
  {%- set target_relation = this.incorporate(type='table') -%}
  {%- do make_room(existing) -%}
  {% call statement('main') -%}
    create or replace table {{ in_passing(this) }} as {{ compiled_code }}
  {%- endcall %}
  {% do adapter.commit() %}
  {%- if existing is none or existing.type == 'view' or flags.FULL_REFRESH -%}
    {% call statement('columns') -%}
      create or replace table {{ target_relation }} as from {{ in_passing(this) }} limit 0
    {%- endcall %}
    {#- Older versions kept rows of people there, and nothing else would remove them. -#}
    {% call statement('touched') -%}
      drop table if exists {{ this.incorporate(path={'identifier': this.identifier ~ '__touched'}) }}
    {%- endcall %}
    {% do adapter.commit() %}
  {%- endif -%}
  {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}


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
