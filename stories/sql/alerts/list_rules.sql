-- The rules of an app, or the server's own, with their subjects that are not ok.
-- params: app_id smallint (null: the server's own)
-- columns: rule_id integer, app_id smallint, name text, kind text, settings jsonb, destination_ids integer[],
--   for_minutes integer, is_on boolean, created_by text, created_at timestamptz, looked_at timestamptz,
--   last_error text, states jsonb (a list of {subject, state, since, snoozed_until, value, normal, text, link})
select rule_id, app_id, name, kind, settings, destination_ids, for_minutes, is_on, created_by, created_at, looked_at,
       last_error,
       coalesce((select jsonb_agg(jsonb_build_object(
                     'subject', subject, 'state', state, 'since', since, 'snoozed_until', snoozed_until,
                     'value', value, 'normal', normal, 'text', text, 'link', link) order by since desc, subject)
                 from (select * from alert_states
                       where alert_states.rule_id = alert_rules.rule_id
                         and (state in ('pending', 'firing') or subject = '')
                       order by since desc, subject limit 50) as latest), '[]') as states
from alert_rules
where app_id is not distinct from %(app_id)s::smallint
order by name, rule_id
