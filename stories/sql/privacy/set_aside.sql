-- A person's events and crashes that could not be counted.
-- params: user_id uuid, app_id smallint
-- columns: app text, kind text, timestamp timestamptz, reason text, at timestamptz
select apps.slug as app, aside.kind, aside.timestamp, reason, at
from set_aside as aside
left join events using (user_id, timestamp, dedupe_key)
left join crashes using (user_id, timestamp, dedupe_key)
join apps on apps.app_id = case aside.kind when 'event' then events.app_id else crashes.app_id end
where user_id = %(user_id)s::uuid
  and (%(app_id)s::smallint is null or apps.app_id = %(app_id)s::smallint)
order by timestamp
