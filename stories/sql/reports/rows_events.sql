-- A page of an app's events, latest first, after the last row of the page before, or after so many rows.
-- params: source relation (reports/windows.py), app_id smallint, user_id uuid, user_ids uuid[], event text, session_ids text[], matches boolean,
--   start timestamptz, end timestamptz (exclusive), from_seconds numeric[], to_seconds numeric[] (ranges of durations, ends exclusive; null: with and without a duration),
--   last_timestamp timestamptz, last_user_id uuid, last_key bigint, skip integer, limit integer
-- columns: app text, user_id uuid, event text, timestamp timestamptz, properties jsonb,
--   app_version text, platform text, country text, session_id text, channel text, received_at timestamptz,
--   dedupe_key bigint
select apps.slug as app, page.user_id, page.event, page.timestamp, page.properties,
       page.app_version, page.platform, page.country, page.session_id, coalesce(page.channel, 'release') as channel,
       page.received_at, page.dedupe_key
from (
    select *
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
      and (%(last_timestamp)s::timestamptz is null
           or events.timestamp <= %(last_timestamp)s::timestamptz
           and (events.timestamp, events.user_id, events.dedupe_key)
             < (%(last_timestamp)s::timestamptz, %(last_user_id)s::uuid, %(last_key)s::bigint))
    order by events.timestamp desc, events.user_id desc, events.dedupe_key desc
    limit %(skip)s::integer + %(limit)s::integer
) as page
join apps using (app_id)
order by page.timestamp desc, page.user_id desc, page.dedupe_key desc
offset %(skip)s::integer
limit %(limit)s::integer
