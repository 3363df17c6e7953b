{#- Checks are queries that return the bad rows. -#}

{#- The columns are a key: none is null, no two rows share them. -#}
{% test key(model, columns) %}
select {{ columns | join(', ') }}, count(*) as n
from {{ model }}
group by {{ columns | join(', ') }}
having count(*) > 1 {% for column in columns %} or {{ column }} is null {% endfor %}
{% endtest %}


{#- A word is one of a list, and never null. -#}
{% test accepted_in(model, column, values) %}
select {{ column }}, count(*) as n
from {{ model }}
where {{ column }} is null or {{ column }} not in ('{{ values | join("', '") }}')
group by {{ column }}
{% endtest %}


{#- No value is missing. -#}
{% test complete(model, columns) %}
select *
from {{ model }}
where {% for column in columns %} {{ column }} is null {{ 'or' if not loop.last }} {% endfor %}
{% endtest %}


{#- No number is negative; null is no number. -#}
{% test at_least_0(model, columns) %}
select *
from {{ model }}
where {% for column in columns %} {{ column }} < 0 {{ 'or' if not loop.last }} {% endfor %}
{% endtest %}


{#- Each row's columns are found in the other table. -#}
{% test within(model, columns, to) %}
select {{ columns | join(', ') }} from {{ model }}
except
select {{ columns | join(', ') }} from {{ to }}
{% endtest %}
