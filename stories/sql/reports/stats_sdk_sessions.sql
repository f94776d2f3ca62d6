-- Sessions as the app's SDK counts them, by day and version; under a filter by version, of that one. A row without a
-- day is there where the app has any at all.
-- params: app_id smallint, dim text, value text, first date, last date
-- columns: day date, version text, sessions bigint, errored bigint, unhandled bigint, abnormal bigint, crashed bigint
select null::date as day, null::text as version, 0::bigint as sessions, 0::bigint as errored, 0::bigint as unhandled,
       0::bigint as abnormal, 0::bigint as crashed
where exists (select from session_days where app_id = %(app_id)s)
union all
select day, version, sessions, errored, unhandled, abnormal, crashed
from session_days
where app_id = %(app_id)s and day between %(first)s::date and %(last)s::date and sessions <> 0
  and (%(dim)s <> 'version' or version = %(value)s)
