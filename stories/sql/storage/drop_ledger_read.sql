-- The drop ledger since a day, latest first.
-- params: app_id smallint, since date
-- columns: day date, app text, reason text, n bigint
select day, apps.slug as app, reason, n
from drops join apps using (app_id)
where day >= %(since)s and (%(app_id)s::smallint is null or app_id = %(app_id)s::smallint)
order by day desc, n desc, reason
