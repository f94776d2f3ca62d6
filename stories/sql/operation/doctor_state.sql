-- What the doctor asks of the database in one look.
-- params: since date
-- columns: version integer, now timestamptz, may_create boolean, owns boolean, lag double precision,
--   set_aside bigint, bytes bigint, stored bigint, dropped bigint, reasons text[], compressed bigint,
--   compressed_bytes bigint, missing text[]
select current_setting('server_version_num')::integer as version,
       clock_timestamp() as now,
       has_schema_privilege(current_schema(), 'create') as may_create,
       (select bool_and(pg_has_role(relowner, 'usage')) from pg_class
        where oid in ('events'::regclass, 'crashes'::regclass)) as owns,
       (select coalesce(extract(epoch from now() - min(received_at)), 0)
        from (select greatest(received_at, held_until) as received_at from outbox
              where held_until is null or held_until <= now() order by id limit 1) as oldest)::float8 as lag,
       (select count(*) from set_aside) as set_aside,
       pg_database_size(current_database()) as bytes,
       (select coalesce(sum(n), 0)
        from (select day, n from daily_events where dim = 'none'
              union all select day, n from daily_crashes where dim = 'none') as taken
        where day >= %(since)s)::bigint as stored,
       (select coalesce(sum(n), 0) from drops where day >= %(since)s)::bigint as dropped,
       (select coalesce(array_agg(reason order by total desc), '{}')
        from (select reason, sum(n) as total from drops where day >= %(since)s group by reason
              order by total desc limit 3) as top) as reasons,
       (select coalesce(sum(n), 0) from event_chunks)::bigint as compressed,
       (select coalesce(sum(pg_total_relation_size(inhrelid)), 0) from pg_inherits
        where inhparent = 'event_chunks'::regclass)::bigint as compressed_bytes,
       (select coalesce(array_agg(wanted order by wanted), '{}')
        from (select parent || to_char(month, '_YYYY_MM') as wanted
              from unnest(array['events', 'event_chunks', 'crashes']) as parent,
                   unnest(array[date_trunc('month', now() at time zone 'UTC'),
                                date_trunc('month', now() at time zone 'UTC') + interval '1 month']) as month
             ) as months
        where to_regclass(wanted) is null) as missing
