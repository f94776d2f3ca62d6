-- The drop ledger since a day, latest first.
-- params: app_ids smallint[] (null: every app), since date
-- columns: day date, app text, reason text, n bigint
select day, apps.slug as app, reason, n
from drops join apps using (app_id)
where day >= %(since)s and (%(app_ids)s::smallint[] is null or app_id = any (%(app_ids)s::smallint[]))
order by day desc, n desc, reason
