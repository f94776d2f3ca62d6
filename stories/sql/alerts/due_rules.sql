-- The rules that are on, those that have waited longest first.
-- params: none
-- columns: rule_id integer, app_id smallint, name text, kind text, settings jsonb, destination_ids integer[],
--   for_minutes integer, told_at timestamptz, created_at timestamptz
select rule_id, app_id, name, kind, settings, destination_ids, for_minutes, told_at, created_at
from alert_rules
where is_on
order by looked_at nulls first, rule_id
