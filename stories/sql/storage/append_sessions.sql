-- Stores sessions of SDKs, and of those that are held what is more than was known: an earlier start, a higher
-- status. A person who is a tester is looked up and not stored. In the order of the key, as the fold locks them.
-- params: rows text (a JSON array of intake.adapters.sentry_sessions.SessionUpdate), count integer (its length),
--   person_digest bytea (unused)
-- columns: stored integer[] (positions of the rows that changed something)
with incoming as materialized (
    select * from json_to_recordset(%(rows)s::json) as item (
        position integer, app_id smallint, sid uuid, timestamp timestamptz, app_version text, status smallint,
        sessions integer, person uuid)
    where %(count)s > 0 and %(person_digest)s::bytea is not null
), together as materialized (
    select app_id, sid, min(timestamp) as started, min(app_version collate "C") as app_version,
           max(status) as status, max(sessions) as sessions, min(position) as position
    from incoming
    where person is null
       or not exists (select from testers
                      where testers.user_id = person
                        and (testers.app_id is null or testers.app_id = incoming.app_id))
    group by app_id, sid
), stored as (
    insert into sdk_sessions as held (app_id, sid, started, app_version, status, sessions)
    select app_id, sid, started, app_version, status, sessions
    from together
    order by app_id, sid
    on conflict (app_id, sid) do update set
        started = least(held.started, excluded.started),
        app_version = least(held.app_version, excluded.app_version),
        status = greatest(held.status, excluded.status)
    where excluded.started < held.started or excluded.status > held.status
       or excluded.app_version < held.app_version
       or held.app_version is null and excluded.app_version is not null
    returning app_id, sid, started
), queued as (
    insert into outbox (kind, n, user_ids, timestamps, dedupe_keys)
    select 'session', count(*), array_agg(sid), array_agg(started), array_agg(app_id::bigint)
    from stored
    having count(*) > 0
)
select coalesce(array_agg(position), '{}') as stored
from stored join together using (app_id, sid)
