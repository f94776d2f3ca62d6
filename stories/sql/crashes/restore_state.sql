-- Puts back the state that an issue had before a change.
-- params: issue_id bigint, before text (JSON of issue_state.sql)
-- columns: none
update issues
set state = old.state, because = old.because, since = old.since, fixed = old.fixed,
    fixed_version = old.fixed_version, mute = old.mute, mute_value = old.mute_value,
    mute_until = old.mute_until, mute_from = old.mute_from
from jsonb_to_record(%(before)s::jsonb) as old (
    state text, because text, since timestamptz, fixed text, fixed_version text, mute text,
    mute_value bigint, mute_until timestamptz, mute_from bigint)
where issues.issue_id = %(issue_id)s
