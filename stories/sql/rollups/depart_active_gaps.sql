-- What `leaving` people leave in active_gaps, for recounts to come; testers are counted nowhere.
-- params: none
-- columns: none
with days as materialized (
    select app_id, user_id, day, flags
    from leaving join person_days using (user_id, app_id)
    where user_id not in (select user_id from testers where app_id is null)
      and (app_id, user_id) not in (select app_id, user_id from testers where app_id is not null)
), gaps as (
    select app_id, user_id, kinds.kind, day,
           coalesce(day - lag(day) over (partition by app_id, user_id, kinds.kind order by day), 0) as gap
    from days, lateral (
        select 0 as kind
        union all
        select 1 << place from generate_series(0, 14) as place where flags & (1 << place) <> 0
    ) as kinds
), people as materialized (
    select app_id, user_id, app_version, platform, country, auto_paste
    from leaving join users using (user_id, app_id)
)
insert into departed_active_gaps (app_id, facet, kind, day, gap, people)
select app_id, 0, kind, day, gap, count(*)
from gaps
group by app_id, kind, day, gap
union all
select app_id, 0, -1 - kind, day, 0, count(*)
from gaps
group by app_id, kind, day
union all
select app_id, facet, kind, day, gap, count(*)
from gaps join people using (user_id, app_id) cross join lateral (
    values ('now_version', coalesce(app_version, '')), ('now_platform', coalesce(platform, '')),
           ('now_country', coalesce(country, '')), ('now_auto_paste', case when auto_paste then 'true' end)
) as said (dim, value) join facets using (app_id, dim, value)
where kind = 1
group by app_id, facet, kind, day, gap
on conflict (app_id, facet, kind, day, gap) do update set people = departed_active_gaps.people + excluded.people
