-- Stores the events that are new, and one outbox row that names them, in one statement.
-- Rows go in in key order: writers merging the same retries in different orders deadlocked
-- in most transactions, in key order never.
-- params: rows text (a JSON array of models.EventRow), count integer (its length),
--   person_digest bytea (people.PersonKey.digest)
-- columns: stored integer[] (positions of the rows that were new; null when all of them were,
--   the usual case, which then pays nothing for the question: the subquery is not run)
with incoming as materialized (
    select * from json_to_recordset(%(rows)s::json) as item (
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
                          where person_hash in (sha256(%(person_digest)s || uuid_send(user_id)),
                                                sha256(%(person_digest)s || uuid_send(user_id) || int2send(app_id)))
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
select case when (select count(*) from stored) < %(count)s then (
    select coalesce(array_agg(position), '{}')
    from (
        select min(incoming.position) as position
        from stored join incoming using (user_id, timestamp, dedupe_key)
        group by user_id, timestamp, dedupe_key
    ) as new
) end as stored
