{#-
  The widest sorts take more memory than all else in a run. Beyond twice the file, or 800 MB, they
  go to disk beside it; never beyond what DuckDB would allow itself on this machine.
-#}
{% macro bound_memory() %}
  {%- if execute and target.name == 'duckdb' -%}
    {%- set bound -%}
      select cast(least(
        parse_formatted_bytes(current_setting('memory_limit')),
        greatest(800000000, 2 * block_size * used_blocks)
      ) as bigint)
      from pragma_database_size()
      where database_name = current_database()
    {%- endset -%}
    set memory_limit = '{{ run_query(bound).columns[0].values()[0] | int }} bytes'
  {%- endif -%}
{% endmacro %}
