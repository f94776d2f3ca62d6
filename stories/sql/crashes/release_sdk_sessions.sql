-- Sessions as the app's SDK counts them by version over a range of days; of a version without any no row. Where the
-- app has none at all, no row either.
-- params: app_id smallint, first date, last date
-- columns: version text, sessions bigint, errored bigint, unhandled bigint, abnormal bigint, crashed bigint
select version, sum(sessions)::bigint as sessions, sum(errored)::bigint as errored,
       sum(unhandled)::bigint as unhandled, sum(abnormal)::bigint as abnormal, sum(crashed)::bigint as crashed
from session_days
where app_id = %(app_id)s::smallint and day between %(first)s::date and %(last)s::date
group by version
having sum(sessions) <> 0
