-- The days, oldest first, on which a group holds more than its crashes: handled errors, which no index finds
-- by their group, or what expired or erased crashes have left.
-- params: app_id smallint, fingerprint bytea
-- columns: since timestamptz, until timestamptz
with held as materialized (
    select (crashes.timestamp at time zone apps.timezone)::date as day, count(*) as crashes
    from crashes join apps using (app_id)
    where crashes.app_id = %(app_id)s::smallint and crashes.fingerprint = %(fingerprint)s::bytea
    group by 1
)
select day::timestamp at time zone timezone as since, (day + 1)::timestamp at time zone timezone as until
from group_days join apps using (app_id) left join held using (day)
where group_days.app_id = %(app_id)s::smallint and group_days.fingerprint = %(fingerprint)s::bytea
  and dim = 'none' and n > coalesce(held.crashes, 0)
order by day
