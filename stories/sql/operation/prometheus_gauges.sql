-- The numbers of the database for GET /metrics. None counts a table that grows with the events; of an
-- outbox that a stopped fold has let grow, only the first 50,000 rows.
-- params: none
-- columns: fold_lag_seconds double precision, outbox_events bigint, set_aside_events bigint,
--   images_waiting bigint, database_bytes bigint
select (select coalesce(extract(epoch from now() - min(received_at)), 0)
        from (select greatest(received_at, held_until) as received_at from outbox
              where held_until is null or held_until <= now() order by id limit 1) as oldest)::float8 as fold_lag_seconds,
       (select coalesce(sum(n), 0)
        from (select n from outbox order by id limit 50000) as first)::bigint as outbox_events,
       (select count(*) from (select 1 from set_aside limit 50000) as first) as set_aside_events,
       (select count(*) from images where state = 'waiting') as images_waiting,
       pg_database_size(current_database()) as database_bytes
