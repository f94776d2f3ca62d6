-- Gives an issue a state, from now on.
-- params: issue_id bigint, state text, because text, fixed text, fixed_version text, mute text,
--   mute_value bigint, mute_until timestamptz, mute_from bigint
-- columns: none
update issues
set state = %(state)s, because = %(because)s, since = now(), fixed = %(fixed)s,
    fixed_version = %(fixed_version)s, mute = %(mute)s, mute_value = %(mute_value)s,
    mute_until = %(mute_until)s, mute_from = %(mute_from)s
where issue_id = %(issue_id)s
