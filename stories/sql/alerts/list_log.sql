-- What happened to rules, the latest first.
-- params: app_id smallint (null: the server's own), limit integer, before bigint (null: from the latest)
-- columns: entry_id bigint, rule_id integer, rule text (null: it is deleted), subject text, state text, at timestamptz,
--   value double precision, normal double precision, text text
select entry_id, alert_log.rule_id, alert_rules.name as rule, subject, state, at, value, normal, text
from alert_log left join alert_rules using (rule_id)
where alert_log.app_id is not distinct from %(app_id)s::smallint
  and (%(before)s::bigint is null or entry_id < %(before)s::bigint)
order by entry_id desc
limit %(limit)s
