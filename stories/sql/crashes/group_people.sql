-- Which people met which group, how often and when last; who had not met it before also goes into `slice_people`: with them the
-- slice's number is all there is. last_at is the start of their day: it is in an index, which then changes once a
-- day and not with every slice; a storm of a thousand people grew by 4 MB of dead entries.
-- params: none
-- columns: none
with sent as materialized (
    select user_id, app_id, fingerprint, day::timestamp at time zone timezone as last_at, n
    from (
        select user_id, app_id, fingerprint, max(day) as day, count(*) as n
        from slice
        where fingerprint is not null and is_person(user_id)
        group by user_id, app_id, fingerprint
    ) as together join apps using (app_id)
), met as (
    insert into group_people (user_id, app_id, fingerprint, last_at, n)
    select user_id, app_id, fingerprint, last_at, n from sent
    on conflict (user_id, app_id, fingerprint) do update set
        last_at = greatest(group_people.last_at, excluded.last_at), n = group_people.n + excluded.n
    returning user_id, app_id, fingerprint, n
)
insert into slice_people
select user_id, app_id, fingerprint from met join sent using (user_id, app_id, fingerprint, n)
