-- One rule.
-- params: rule_id integer
-- columns: rule_id integer, app_id smallint, name text, kind text, settings jsonb, destination_ids integer[],
--   for_minutes integer, is_on boolean, created_by text, created_at timestamptz, looked_at timestamptz, last_error text
select rule_id, app_id, name, kind, settings, destination_ids, for_minutes, is_on, created_by, created_at, looked_at,
       last_error
from alert_rules
where rule_id = %(rule_id)s::integer
