-- People by the country and auto_paste that they have now, per version, platform, family of platforms, country and
-- segment, so that such an answer under one of these filters need not look at each person.
begin;

-- facet 0: everybody. Of a facet, last_day is the person's last day with an event that names it.
alter table people_now add facet integer not null default 0;
alter table people_now
    drop constraint people_now_app_id_last_day_country_auto_paste_departed_key,
    add constraint people_now_key
        unique nulls not distinct (app_id, facet, last_day, country, auto_paste, departed);

-- From the days that are held; who was erased or has expired before this is in no facet.
create temporary table facet_people on commit drop as
select app_id, dim, value, last_day, country, auto_paste, count(*) as people
from (
    select person_days.app_id, user_id, dim, value, max(day) as last_day
    from person_days, lateral day_facets(versions, platforms, countries, '{}', '{}') as named
    where kind = 1
    group by person_days.app_id, user_id, dim, value
) as days join (
    select app_id, user_id, coalesce(country, '') as country, auto_paste from users
) as people using (app_id, user_id)
group by app_id, dim, value, last_day, country, auto_paste;
insert into facet_people (app_id, dim, value, last_day, country, auto_paste, people)
select app_id, 'segment', segment_id::text, last_day, country, auto_paste, count(*)
from (
    select person_days.app_id, user_id, segment_id, max(day) as last_day
    from person_days join segments on segments.app_id = person_days.app_id and person_days.segments & (1 << place) <> 0
    group by person_days.app_id, user_id, segment_id
) as days join (
    select app_id, user_id, coalesce(country, '') as country, auto_paste from users
) as people using (app_id, user_id)
group by app_id, segment_id, last_day, country, auto_paste;
insert into people_now (app_id, facet, last_day, country, auto_paste, people)
select app_id, facet, last_day, country, auto_paste, people from facet_people join facets using (app_id, dim, value);

insert into schema_migrations (name) values ('020_people_now_by_facet');
commit;
