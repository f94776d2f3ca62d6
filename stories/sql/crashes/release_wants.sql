-- By which keys the uploads would be found that name the frames of a version's newest crashes. raw: names of
-- some of these are minified or missing.
-- params: app_id smallint, version text, since timestamptz, most integer (crashes)
-- columns: key text, raw boolean
with newest as materialized (
    select wants, crashes.fingerprint
    from error_details join crashes using (user_id, timestamp, dedupe_key)
    where error_details.app_id = %(app_id)s::smallint and wants is not null
      and crashes.app_id = %(app_id)s::smallint and app_version = %(version)s::text
      and error_details.timestamp >= %(since)s::timestamptz
    order by error_details.timestamp desc
    limit %(most)s
)
select key, coalesce(bool_or(raw), false) as raw
from newest cross join unnest(wants) as key
left join group_names on (group_names.app_id, group_names.fingerprint)
                       = (%(app_id)s::smallint, newest.fingerprint)
group by key
