-- As stats.buckets, for events and crashes of one version, platform or country. Who is new to an app
-- is not new to a version, so new_users is null.
-- params: app_id smallint, dim text, value text, group_by text, first date, last date
-- columns: bucket date, active_users bigint, crashed_users bigint, new_users bigint
with days as materialized (
    select day::date, date_trunc(%(group_by)s, day)::date as bucket
    from generate_series(%(first)s::timestamp, %(last)s::timestamp, '1 day') as day
), matching as (
    select user_id, day,
           %(value)s = any (case %(dim)s when 'version' then versions
                                         when 'platform' then platforms
                                         else countries end) as has_event,
           %(value)s = any (case %(dim)s when 'version' then crash_versions
                                         when 'platform' then crash_systems
                                         else '{}' end) as has_crash
    from person_days
    where app_id = %(app_id)s and day between %(first)s::date and %(last)s::date
)
select bucket,
       count(*) filter (where had_event) as active_users,
       count(*) filter (where had_crash) as crashed_users,
       null::bigint as new_users
from (
    select bucket, user_id, bool_or(has_event) as had_event, bool_or(has_crash) as had_crash
    from matching join days using (day)
    where has_event or has_crash
    group by bucket, user_id
) as people
group by bucket
