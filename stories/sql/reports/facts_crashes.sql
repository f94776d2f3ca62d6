-- Matching crashes: by day (dim 'day', of all days), and of each frame by type ('none'), version and system, as
-- stats_crashes. What has no place among the day's counts as other, as in the rollups.
-- params: app_id smallint, matches boolean, firsts date[], lasts date[] (of the frames),
--   start timestamptz, end timestamptz (exclusive; of all these days)
-- columns: dim text, place bigint (of the frame), day date, key text, count bigint
with frames as materialized (
    select *
    from unnest(%(firsts)s::date[], %(lasts)s::date[]) with ordinality as frames (first, last, place)
), counted as materialized (
    select day, crash_type, nullif(app_version, '') as version, os_version as platform, count(*) as n
    from crash_facts
    where app_id = %(app_id)s and timestamp >= %(start)s and timestamp < %(end)s and %(matches)s
    group by 1, 2, 3, 4
), named as (
    select frames.place, counted.day, dims.dim, dims.value,
           dims.dim = 'none' or dims.value = 'other' or exists (
               select from kept_values as kept
               where (kept.app_id, kept.event, kept.property, kept.day, kept.value)
                   = (%(app_id)s, '', dims.dim, counted.day, dims.value)
           ) or not exists (
               select from kept_values as closed
               where (closed.app_id, closed.event, closed.property, closed.day, closed.value)
                   = (%(app_id)s, '', dims.dim, counted.day, 'other')
           ) as has_place, counted.n
    from counted join frames on counted.day between frames.first and frames.last,
         lateral (values ('none', crash_type), ('version', version), ('platform', platform))
        as dims (dim, value)
    where dims.value is not null
)
select 'day' as dim, null::bigint as place, day, null::text as key, sum(n)::bigint as count
from counted
group by day
union all
select dim, place, null, case when has_place then value else 'other' end, sum(n)::bigint
from named
group by dim, place, 4
