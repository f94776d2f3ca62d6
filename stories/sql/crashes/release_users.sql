-- How many people used a version in a range of days, and how many of them it crashed.
-- params: app_id smallint, version text, first date, last date
-- columns: people bigint, crashed bigint
select count(*) as people, count(*) filter (where is_crashed) as crashed
from (
    select user_id, bool_or(%(version)s::text collate "C" = any (crash_versions)) as is_crashed
    from person_days
    where app_id = %(app_id)s::smallint and day between %(first)s::date and %(last)s::date
      and (%(version)s::text collate "C" = any (versions)
           or %(version)s::text collate "C" = any (crash_versions))
    group by user_id
) as by_person
