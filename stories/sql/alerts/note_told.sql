-- Notes when a rule spoke.
-- params: rule_id integer, now timestamptz
-- columns: none
update alert_rules set told_at = %(now)s::timestamptz where rule_id = %(rule_id)s::integer
