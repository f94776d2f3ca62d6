-- One rule that is on and was not looked at by this time or later; no row where another process looks at it just
-- now. It cannot be changed, deleted or silenced until the transaction ends.
-- params: rule_id integer, now timestamptz
-- columns: rule_id integer, app_id smallint, name text, kind text, settings jsonb, destination_ids integer[],
--   for_minutes integer, told_at timestamptz, created_at timestamptz
select rule_id, app_id, name, kind, settings, destination_ids, for_minutes, told_at, created_at
from alert_rules
where rule_id = %(rule_id)s::integer and is_on and (looked_at is null or looked_at < %(now)s::timestamptz)
for update skip locked
