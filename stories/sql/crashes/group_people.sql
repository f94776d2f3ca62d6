-- Who met which group, how often and when last; who had not met it before also goes into `slice_people`: with them the
-- slice's number is all there is.
-- params: none
-- columns: none
with sent as materialized (
    select user_id, app_id, fingerprint, max(timestamp) as last_at, count(*) as n
    from slice
    where fingerprint is not null
    group by user_id, app_id, fingerprint
), met as (
    insert into group_people (user_id, app_id, fingerprint, last_at, n)
    select user_id, app_id, fingerprint, last_at, n from sent
    on conflict (user_id, app_id, fingerprint) do update set
        last_at = greatest(group_people.last_at, excluded.last_at), n = group_people.n + excluded.n
    returning user_id, app_id, fingerprint, n
)
insert into slice_people
select user_id, app_id, fingerprint from met join sent using (user_id, app_id, fingerprint, n)
