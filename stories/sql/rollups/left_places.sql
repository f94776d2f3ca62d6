-- Where sessions may lie that have left with their days and that the slice touches, into `left_places`: those with an
-- id that it names, by their marks, and chains within 30 minutes of its events without one. What is younger than a week
-- is never compressed. Returns how many places there are.
-- params: none
-- columns: places bigint
with arrived as materialized (
    select distinct app_id, user_id, coalesce(session_id, '') as session_id,
           case when coalesce(session_id, '') = '' then timestamp end as at
    from slice
    where kind = 'event' and has_session(user_id)
      and (session_id <> '' or timestamp < now() - interval '7 days' + interval '30 minutes')
), named as materialized (
    select *, session_place(user_id, session_key) as place
    from (select app_id, user_id, session_key(session_id) as session_key from arrived where at is null) as keys
), places as (
    insert into left_places
    select app_id, user_id, session_key, null, day::timestamp at time zone 'utc',
           (day + 1)::timestamp at time zone 'utc'
    from (
        select named.*, session_mark_day(mark) as day
        from named join session_marks on bucket = session_bucket(place) cross join lateral unnest(marks) as mark
        where (mark >> 16) & 65535 = session_tag(place)
    ) as marked
    union all
    select app_id, user_id, '', at, at - interval '30 minutes', at + interval '30 minutes'
    from arrived where at is not null
    returning app_id
)
select count(*) as places from places
