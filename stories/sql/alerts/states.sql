-- How the subjects of a rule are.
-- params: rule_id integer
-- columns: subject text, state text, since timestamptz, is_told boolean, snoozed_until timestamptz,
--   value double precision
select subject, state, since, is_told, snoozed_until, value
from alert_states
where rule_id = %(rule_id)s::integer
