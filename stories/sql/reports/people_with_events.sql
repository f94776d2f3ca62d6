-- People of an app who have such an event in a range of time, by their latest one; durations as in
-- rows_events.
-- params: app_id smallint, event text, start timestamptz, end timestamptz (exclusive),
--   from_seconds numeric[], to_seconds numeric[], limit integer
-- columns: user_id uuid
select user_id
from events_between(%(app_id)s::smallint, %(start)s::timestamptz, %(end)s::timestamptz) as events
where app_id = %(app_id)s::smallint and is_person(user_id)
  and (%(event)s::text is null or event = %(event)s::text)
  and timestamp >= %(start)s::timestamptz and timestamp < %(end)s::timestamptz
  and (%(from_seconds)s::numeric[] is null
       or (select range_agg(numrange(low, high))
           from unnest(%(from_seconds)s::numeric[], %(to_seconds)s::numeric[]) as range (low, high))
          @> coalesce(jsonb_path_query_first(properties, 'strict $.duration_seconds ? (@ >= 0)', silent => true),
                      jsonb_path_query_first(properties, 'strict $.audio_duration_seconds ? (@ >= 0)', silent => true))::numeric)
group by user_id
order by max(timestamp) desc, user_id desc
limit %(limit)s
