-- Who is there: the events of a short time, in all (part 'all'), by minutes before its end (0 is the last
-- one), by version, family of platforms and country. people_now: those of them since `since`.
-- params: app_id smallint, start timestamptz (exclusive), since timestamptz (exclusive), end timestamptz,
--   matches boolean, most integer (values of each part)
-- columns: part text, minute integer, key text, events bigint, people bigint, people_now bigint, among bigint
with recent as materialized (
    select case when is_person(user_id) then user_id end as person, timestamp, app_version,
           platform_family(platform) as family, country,
           floor(extract(epoch from %(end)s::timestamptz - timestamp) / 60)::integer as minute
    from facts_between(%(app_id)s::smallint, %(start)s::timestamptz, %(end)s::timestamptz) as facts
    where app_id = %(app_id)s::smallint
      and timestamp > %(start)s::timestamptz and timestamp <= %(end)s::timestamptz
      and %(matches)s
), counted as (
    select case grouping(minute, app_version, family, country)
               when 15 then 'all' when 7 then 'minute' when 11 then 'version' when 13 then 'family'
               else 'country' end as part,
           minute, coalesce(app_version, family, country) as key, count(*) as events,
           count(distinct person) as people,
           count(distinct person) filter (where timestamp > %(since)s::timestamptz) as people_now
    from recent
    group by grouping sets ((), (minute), (app_version), (family), (country))
), ranked as (
    select *, row_number() over (partition by part order by people desc, events desc, key) as place,
           count(*) over (partition by part) as among
    from counted
)
select part, minute, key, events, people, people_now, among
from ranked
where part = 'minute' or place <= %(most)s::integer
order by part, minute, place
