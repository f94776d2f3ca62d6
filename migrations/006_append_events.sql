-- The append of events as a function: PostgreSQL keeps the plan of a function's statement for as long as
-- the connection lives, behind PgBouncer too, and planning was half of what a small append cost.
begin;

-- Stores the events that are new, and one outbox row that names them, in one statement.
-- Rows go in in key order: writers merging the same retries in different orders deadlocked
-- in most transactions, in key order never.
-- Returns the positions of the rows that were new; null when all of them were, the usual case, which
-- then pays nothing for the question: the subquery is not run.
create function append_events(rows_json json, rows_count integer, person_digest bytea)
    returns integer[]
language plpgsql as $$
#variable_conflict use_column
declare
    stored_positions integer[];
begin
    with incoming as materialized (
        select * from json_to_recordset(rows_json) as item (
            position integer, app_id smallint, user_id uuid, timestamp timestamptz, dedupe_key bigint,
            event text, app_version text, platform text, country text, session_id text, properties jsonb,
            claim bigint)
    ), claimed as (  -- whoever is second waits for the first's commit, and gets nothing
        insert into claims (claim, timestamp)
        select claim, min(timestamp) from incoming where claim is not null group by claim order by claim
        on conflict do nothing
        returning claim, timestamp
    ), stored as (
        insert into events (app_id, user_id, timestamp, dedupe_key, event,
                            app_version, platform, country, session_id, properties)
        select app_id, user_id, timestamp, dedupe_key, event,
               app_version, platform, country, session_id, properties
        from incoming
        where (not exists (select from tombstones)  -- the usual case: not one hash is computed
               or not exists (select from tombstones
                              where person_hash in (sha256(person_digest || uuid_send(user_id)),
                                                    sha256(person_digest || uuid_send(user_id) || int2send(app_id)))
                                and timestamp <= erased_at))
          and (claim is null or (claim, timestamp) in (select claim, timestamp from claimed))
        order by user_id, timestamp, dedupe_key
        on conflict do nothing
        returning user_id, timestamp, dedupe_key
    ), queued as (
        insert into outbox (kind, n, user_ids, timestamps, dedupe_keys)
        select 'event', count(*), array_agg(user_id), array_agg(timestamp), array_agg(dedupe_key)
        from stored
        having count(*) > 0
    )
    select case when (select count(*) from stored) < rows_count then (
        select coalesce(array_agg(position), '{}')
        from (
            select min(incoming.position) as position
            from stored join incoming using (user_id, timestamp, dedupe_key)
            group by user_id, timestamp, dedupe_key
        ) as new
    ) end
    into stored_positions;
    return stored_positions;
end $$;

insert into schema_migrations (name) values ('006_append_events');
commit;
