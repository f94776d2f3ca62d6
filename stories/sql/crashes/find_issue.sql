-- An issue by its number; of one that was merged into another, that other.
-- params: app_id smallint, number integer
-- columns: issue_id bigint, number integer, title text, culprit text, crash_type text, raw boolean,
--   is_handled boolean, state text, because text, since timestamptz, fixed text, fixed_version text,
--   mute text, mute_value bigint, mute_until timestamptz, note text, first_seen timestamptz,
--   last_seen timestamptz, first_version text, last_version text, crashes bigint, people bigint
with recursive followed as (
    select issue_id, merged_into, 1 as step from issues
    where app_id = %(app_id)s::smallint and number = %(number)s::integer
    union all
    select issues.issue_id, issues.merged_into, step + 1
    from followed join issues on issues.issue_id = followed.merged_into
    where step < 100
)
select issue_id, number, title, culprit, crash_type, raw, handled as is_handled, state, because, since,
       fixed, fixed_version, mute, mute_value, mute_until, note, first_seen, last_seen,
       first_version, last_version, n as crashes, people
from issues
where issue_id = (select issue_id from followed where merged_into is null)
