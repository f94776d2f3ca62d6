-- The share that `leaving` people have of people_now moves to `departed`.
-- params: none
-- columns: none
with days as materialized (
    select app_id, user_id, day, versions::text[] as versions, platforms::text[] as platforms,
           countries::text[] as countries, segments
    from leaving join person_days using (user_id, app_id)
), histories as materialized (
    select app_id, user_id, 0 as facet, last_day
    from leaving join users using (user_id, app_id) where last_day is not null
    union all
    select days.app_id, user_id, facet, max(day)
    from days, lateral (
        select dim, value from day_facets(versions, platforms, countries, '{}', '{}') where kind = 1
        union all
        select 'segment', segment_id::text
        from segments where segments.app_id = days.app_id and days.segments & (1 << place) <> 0
    ) as named join facets using (dim, value)
    where facets.app_id = days.app_id
    group by days.app_id, user_id, facet
), people as materialized (
    select app_id, last_day, app_version, platform
    from leaving join users using (user_id, app_id) where last_day is not null
)
insert into people_now (app_id, facet, last_day, country, auto_paste, departed, people)
select app_id, facet, last_day, country, auto_paste, moved.departed, count(*) * moved.sign
from (
    select app_id, facet, histories.last_day, coalesce(country, '') as country, auto_paste
    from histories join users using (user_id, app_id)
    union all
    select app_id, facet, last_day, '', null
    from people cross join lateral (
        values ('now_version', coalesce(app_version, '')), ('now_platform', coalesce(platform, ''))
    ) as said (dim, value) join facets using (app_id, dim, value)
) as leaving_people, (values (false, -1), (true, 1)) as moved (departed, sign)
group by app_id, facet, last_day, country, auto_paste, moved.departed, moved.sign
on conflict (app_id, facet, last_day, country, auto_paste, departed)
    do update set people = people_now.people + excluded.people
