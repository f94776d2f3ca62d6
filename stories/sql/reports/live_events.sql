-- The events of a short time that arrived after a moment, the last arrived first.
-- params: app_id smallint, start timestamptz (exclusive), end timestamptz, matches boolean,
--   received_after timestamptz, limit integer
-- columns: user_id uuid, event text, timestamp timestamptz, properties jsonb, app_version text,
--   platform text, country text, session_id text, channel text, received_at timestamptz, dedupe_key bigint
select user_id, event, timestamp, properties, app_version, platform, country, session_id, channel,
       received_at, dedupe_key
from facts_between(%(app_id)s::smallint, %(start)s::timestamptz, %(end)s::timestamptz) as facts
where app_id = %(app_id)s::smallint
  and timestamp > %(start)s::timestamptz and timestamp <= %(end)s::timestamptz
  and (%(received_after)s::timestamptz is null or received_at > %(received_after)s::timestamptz)
  and %(matches)s
order by received_at desc, timestamp desc, user_id desc, dedupe_key desc
limit %(limit)s
