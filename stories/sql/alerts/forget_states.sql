-- Forgets how the subjects of a rule are.
-- params: rule_id integer
-- columns: none
delete from alert_states where rule_id = %(rule_id)s::integer
