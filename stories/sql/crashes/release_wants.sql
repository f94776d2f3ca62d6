-- By which keys the uploads would be found that name the frames of a version's newest crashes.
-- params: app_id smallint, version text, since timestamptz, most integer (crashes)
-- columns: key text
select distinct unnest(wants) as key
from (
    select wants
    from error_details join crashes using (user_id, timestamp, dedupe_key)
    where error_details.app_id = %(app_id)s::smallint and wants is not null
      and crashes.app_id = %(app_id)s::smallint and app_version = %(version)s::text
      and error_details.timestamp >= %(since)s::timestamptz
    order by error_details.timestamp desc
    limit %(most)s
) as newest
