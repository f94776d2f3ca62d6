-- By which keys crashes of an app would be named, those of most crashes first.
-- params: app_id smallint, since timestamptz, limit integer
-- columns: key text, crashes bigint, last_at timestamptz
select key, count(*) as crashes, max(timestamp) as last_at
from (
    select unnest(wants) as key, timestamp from error_details
    where app_id = %(app_id)s::smallint and timestamp >= %(since)s::timestamptz and wants is not null
) as wanted
group by key
order by crashes desc, key
limit %(limit)s::integer
