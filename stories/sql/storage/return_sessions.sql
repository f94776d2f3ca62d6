-- Makes rows again of the sessions that have left with some chunks of a month. Whose row of users is gone is being
-- erased, and their sessions with them.
-- params: chunk_ids bigint[], month timestamptz
-- columns: none
insert into sessions (app_id, user_id, session_key, started_at, ended_at, events, ended_day)
select packed.app_id, packed.user_id, session_key, started_at, ended_at, packed.events,
       (ended_at at time zone 'utc')::date
from apps cross join lateral left_sessions_between(
    apps.app_id, %(month)s::timestamptz, month_of(%(month)s::timestamptz + interval '32 days')) as packed
where chunk_id = any (%(chunk_ids)s::bigint[])
  and (not is_person(packed.user_id)
       or exists (select from users where (users.user_id, users.app_id) = (packed.user_id, packed.app_id)))
