-- How many events of an app rows_events would walk in all.
-- params: source relation (reports/windows.py), app_id smallint, user_id uuid, user_ids uuid[], event text,
--   session_ids text[], matches boolean, start timestamptz, end timestamptz (exclusive), from_seconds numeric[],
--   to_seconds numeric[]
-- columns: count bigint
select count(*) as count
from %(source)s as events
where events.app_id = %(app_id)s::smallint
  and (%(user_id)s::uuid is null or events.user_id = %(user_id)s::uuid)
  and (%(user_ids)s::uuid[] is null or events.user_id = any(%(user_ids)s::uuid[]))
  and (%(event)s::text is null or events.event = %(event)s::text)
  and %(matches)s
  and (%(session_ids)s::text[] is null or events.session_id = any (%(session_ids)s::text[]))
  and (%(start)s::timestamptz is null or events.timestamp >= %(start)s::timestamptz)
  and (%(end)s::timestamptz is null or events.timestamp < %(end)s::timestamptz)
  and (%(from_seconds)s::numeric[] is null
       or (select range_agg(numrange(low, high))
           from unnest(%(from_seconds)s::numeric[], %(to_seconds)s::numeric[]) as range (low, high))
          @> coalesce(jsonb_path_query_first(properties, 'strict $.duration_seconds ? (@ >= 0)', silent => true),
                      jsonb_path_query_first(properties, 'strict $.audio_duration_seconds ? (@ >= 0)', silent => true))::numeric)
