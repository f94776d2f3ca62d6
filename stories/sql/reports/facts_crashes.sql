-- Matching crashes: by day (dim 'day', of days_first to days_last), by type ('none'), version and system (of first
-- to last), as stats_crashes. What has no place among the day's counts as other, as in the rollups.
-- params: app_id smallint, matches boolean, first date, last date, days_first date, days_last date,
--   start timestamptz, end timestamptz (exclusive; of all these days)
-- columns: dim text, day date, key text, count bigint
with counted as materialized (
    select day, crash_type, nullif(app_version, '') as version, os_version as platform, count(*) as n
    from crash_facts
    where app_id = %(app_id)s and timestamp >= %(start)s and timestamp < %(end)s and %(matches)s
    group by 1, 2, 3, 4
), named as (
    select counted.day, dims.dim, dims.value,
           dims.dim = 'none' or dims.value = 'other' or exists (
               select from kept_values as kept
               where (kept.app_id, kept.event, kept.property, kept.day, kept.value)
                   = (%(app_id)s, '', dims.dim, counted.day, dims.value)
           ) or not exists (
               select from kept_values as closed
               where (closed.app_id, closed.event, closed.property, closed.day, closed.value)
                   = (%(app_id)s, '', dims.dim, counted.day, 'other')
           ) as has_place, counted.n
    from counted, lateral (values ('none', crash_type), ('version', version), ('platform', platform))
        as dims (dim, value)
    where dims.value is not null and counted.day between %(first)s::date and %(last)s::date
)
select 'day' as dim, day, null::text as key, sum(n)::bigint as count
from counted
where day between %(days_first)s::date and %(days_last)s::date
group by day
union all
select dim, null, case when has_place then value else 'other' end, sum(n)::bigint
from named
group by 1, 3
