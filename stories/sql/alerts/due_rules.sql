-- The rules that are on, those that have waited longest first.
-- params: none
-- columns: rule_id integer
select rule_id from alert_rules where is_on order by looked_at nulls first, rule_id
