-- An issue as the functions of crashes/states.py change it; before: its state as undo puts it back.
-- params: issue_id bigint
-- columns: issue_id bigint, app_id smallint, number integer, state text, because text, merged_into bigint,
--   note text, n bigint, people bigint, this_hour bigint (what arrived in the running hour), before jsonb
select issue_id, app_id, number, state, because, merged_into, note, n, people,
       coalesce((
           select sum(group_hours.n)
           from groups join group_hours using (app_id, fingerprint)
           where groups.issue_id = issues.issue_id and hour = date_trunc('hour', now(), 'UTC')
       ), 0)::bigint as this_hour,
       jsonb_build_object('state', state, 'because', because, 'since', since, 'fixed', fixed,
                          'fixed_version', fixed_version, 'mute', mute, 'mute_value', mute_value,
                          'mute_until', mute_until, 'mute_from', mute_from) as before
from issues
where issue_id = %(issue_id)s::bigint
