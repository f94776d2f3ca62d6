-- Waits until nobody looks at a rule, and keeps it so to the end of the transaction.
-- params: rule_id integer
-- columns: kind text
select kind from alert_rules where rule_id = %(rule_id)s::integer for update
