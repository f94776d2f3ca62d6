-- People by the version, platform and country that they have now and by whether auto_paste is on, so that what the
-- people of a range run is told without looking at each of them, also of ranges that ended before today.
begin;

-- From the people and days that are held; who was erased or has expired before this is in none.
create temporary table present_people on commit drop as
select app_id, user_id, last_day, dim, value
from users, lateral (
    values ('now_version', coalesce(app_version, '')), ('now_platform', coalesce(platform, '')),
           ('now_country', coalesce(country, '')), ('now_auto_paste', case when auto_paste then 'true' end)
) as said (dim, value)
where last_day is not null and value is not null;
insert into facets (app_id, dim, value)
select distinct app_id, dim, value from present_people order by app_id, dim, value;
insert into people_now (app_id, facet, last_day, country, people)
select app_id, facet, last_day, '', count(*)
from present_people join facets using (app_id, dim, value)
where dim in ('now_version', 'now_platform')
group by app_id, facet, last_day;
insert into active_gaps (app_id, facet, kind, day, gap, people)
select app_id, facet, 1, day, gap, count(*)
from (
    select app_id, user_id, day,
           coalesce(day - lag(day) over (partition by app_id, user_id order by day), 0) as gap
    from person_days where flags & 1 <> 0
) as gaps join present_people using (app_id, user_id) join facets using (app_id, dim, value)
group by app_id, facet, day, gap;

insert into schema_migrations (name) values ('022_present_people');
commit;
