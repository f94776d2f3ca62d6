-- Deletes a rule; what its log says stays.
-- params: rule_id integer
-- columns: none
delete from alert_rules where rule_id = %(rule_id)s::integer
