-- An app's issues that crashed within a time, in order of their numbers; without those that were merged
-- into another.
-- params: app_id smallint, start timestamptz, end timestamptz (exclusive)
-- columns: id text, title text, culprit text, crash_type text, handled boolean, raw boolean, state text,
--   because text, since timestamptz, fixed text, fixed_version text, mute text, mute_value bigint,
--   mute_until timestamptz, first_seen timestamptz, last_seen timestamptz, first_version text,
--   last_version text, crashes bigint, people bigint, note text
select apps.slug || '-' || number as id, title, culprit, crash_type, handled, raw, state, because, since,
       fixed, fixed_version, mute, mute_value, mute_until, first_seen, last_seen, first_version,
       last_version, issues.n as crashes, people, note
from issues join apps using (app_id)
where app_id = %(app_id)s and merged_into is null and last_seen >= %(start)s and first_seen < %(end)s
order by number
