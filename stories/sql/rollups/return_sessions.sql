-- Makes rows again of the sessions in `left_places`: the fold goes on from them as if they had never left.
-- params: none
-- columns: none
insert into sessions (app_id, user_id, session_key, started_at, ended_at, events, ended_day)
select distinct packed.app_id, packed.user_id, packed.session_key, packed.started_at, packed.ended_at, packed.events,
       (packed.ended_at at time zone 'utc')::date
from left_places as places cross join lateral left_sessions_of(
    places.user_id, places.app_id, places.since, places.until) as packed
where packed.session_key = places.session_key
  and (at is null or packed.started_at < places.until and packed.ended_at > places.since)
