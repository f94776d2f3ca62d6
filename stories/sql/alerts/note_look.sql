-- Notes that a rule was looked at, and why it could not be.
-- params: rule_id integer, now timestamptz, error text
-- columns: none
update alert_rules set looked_at = %(now)s::timestamptz, last_error = %(error)s where rule_id = %(rule_id)s::integer
