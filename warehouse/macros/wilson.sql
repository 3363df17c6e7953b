{#-
  Wilson's 95 % score interval of a rate k of n (Wilson 1927, with z = 1.959963984540054):
  (p + z²/2n ± z √(p(1-p)/n + z²/4n²)) / (1 + z²/n). Null when n is 0; exact at 0 and at 1.
-#}
{% macro wilson_low(k, n) -%}
  case when {{ n }} > 0 then case when {{ k }} = 0 then 0.0e0 else {{ wilson_bound(k, n, '-') }} end end
{%- endmacro %}

{% macro wilson_high(k, n) -%}
  case when {{ n }} > 0 then case when {{ k }} = {{ n }} then 1.0e0 else {{ wilson_bound(k, n, '+') }} end end
{%- endmacro %}

{% macro wilson_bound(k, n, sign) -%}
  {%- set z = '1.959963984540054e0' -%}
  {%- set p = '(' ~ k ~ ' * 1.0e0 / ' ~ n ~ ')' -%}
  ({{ p }} + {{ z }} * {{ z }} / (2 * {{ n }}) {{ sign }} {{ z }} * sqrt(
    {{ p }} * (1 - {{ p }}) / {{ n }} + {{ z }} * {{ z }} / (4.0e0 * {{ n }} * {{ n }})
  )) / (1 + {{ z }} * {{ z }} / {{ n }})
{%- endmacro %}
