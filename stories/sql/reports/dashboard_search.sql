-- Events in which a text occurs, latest first, among the next %(most)s of the range. Where more than
-- those are left, the last one looked at is `reached`: the search goes on after it. It comes always, found or not.
-- The window keeps the index's order: only equal times are sorted, and a full page ends the walk.
-- params: source relation (reports/windows.py), app_id smallint, user_id uuid, event text, session_ids text[], matches boolean,
--   start timestamptz, end timestamptz (exclusive), last_timestamp timestamptz,
--   last_user_id uuid, last_key bigint, text text (in lower case), quoted text (the same as JSON
--   writes it), person uuid (whose own id the text may be), most integer, limit integer
-- columns: found boolean, place bigint (among those looked at), reached boolean, app text, user_id uuid, event text, timestamp timestamptz, properties jsonb,
--   app_version text, platform text, country text, session_id text, received_at timestamptz,
--   dedupe_key bigint
with looked_at as (
    select page.*, row_number() over (order by timestamp desc, user_id desc, dedupe_key desc) as place,
           user_id = %(person)s::uuid
           or strpos(lower(concat_ws(' ', event, replace(event, '_', ' '), user_id, app_version,
                                     platform, country, session_id)), %(text)s::text) > 0
           or strpos(lower(properties::text), %(quoted)s::text) > 0 as found
    from (
        select *
        from %(source)s as events
        where app_id = %(app_id)s::smallint
          and (%(user_id)s::uuid is null or user_id = %(user_id)s::uuid)
          and (%(event)s::text is null or event = %(event)s::text)
          and %(matches)s
          and (%(session_ids)s::text[] is null or session_id = any (%(session_ids)s::text[]))
          and (%(start)s::timestamptz is null or timestamp >= %(start)s::timestamptz)
          and (%(end)s::timestamptz is null or timestamp < %(end)s::timestamptz)
          and (%(last_timestamp)s::timestamptz is null
               or timestamp <= %(last_timestamp)s::timestamptz
               and (timestamp, user_id, dedupe_key)
                 < (%(last_timestamp)s::timestamptz, %(last_user_id)s::uuid, %(last_key)s::bigint))
        order by timestamp desc, user_id desc, dedupe_key desc
        limit %(most)s
    ) as page
)
select coalesce(found, false) as found, place, place = %(most)s as reached, apps.slug as app, user_id, event, timestamp, properties,
       app_version, platform, country, session_id, received_at, dedupe_key
from looked_at cross join (select slug from apps where app_id = %(app_id)s::smallint) as apps
where found or place = (select max(place) from looked_at)
order by timestamp desc, user_id desc, dedupe_key desc
limit %(limit)s
