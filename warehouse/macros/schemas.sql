{#- Everything stands in one schema: what is published is an allow list, the marts' descriptions. -#}
{% macro generate_schema_name(custom_schema_name, node) -%}
  {{ target.schema }}
{%- endmacro %}
