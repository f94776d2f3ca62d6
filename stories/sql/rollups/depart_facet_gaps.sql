-- What `leaving` people leave in active_gaps by facet, as rollups/facet_gaps has added it. What was counted has
-- a number.
-- params: none
-- columns: none
with days as materialized (
    select app_id, user_id, days.day, users.first_day, users.first_crash is not null as has_crashed,
           versions::text[] as versions, platforms::text[] as platforms, countries::text[] as countries, crash_versions::text[] as crash_versions,
           crash_systems::text[] as crash_systems, segments, crash_segments
    from leaving join person_days as days using (user_id, app_id) join users using (user_id, app_id)
    where user_id not in (select user_id from testers where app_id is null)
      and (app_id, user_id) not in (select app_id, user_id from testers where app_id is not null)
), said as (
    select app_id, user_id, day, first_day, has_crashed, named.*
    from days, lateral (
             select * from day_facets(versions, platforms, countries, crash_versions, crash_systems)
             union all
             select kinds.kind, 'segment', segment_id::text
             from segments, lateral (values (1, days.segments), (2, days.crash_segments),
                                            (0, days.segments | days.crash_segments)) as kinds (kind, bits)
             where segments.app_id = days.app_id and kinds.bits & (1 << place) <> 0
         ) as named
    where named.kind = 1 or has_crashed
), gaps as (
    select app_id, facet, kind, has_crashed, day,
           coalesce(day - lag(day) over (partition by app_id, user_id, kind, facet order by day),
                    case when kind = 1 then first_day - day else 0 end) as gap
    from said join facets using (app_id, dim, value)
)
insert into departed_active_gaps (app_id, facet, kind, day, gap, people)
select app_id, facet, kind, day, gap, sum(people)
from (
    select app_id, facet, kind, day, gap, 1 as people from gaps
    union all
    select app_id, facet, 0, day, greatest(gap, 0), -1 from gaps where kind = 1 and has_crashed
) as changes
group by app_id, facet, kind, day, gap
having sum(people) <> 0
on conflict (app_id, facet, kind, day, gap) do update set people = departed_active_gaps.people + excluded.people
