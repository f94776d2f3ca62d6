-- Issues that came, or came back, within some days, those that met most people first; handled errors are none.
-- params: app_id smallint, start timestamptz, end timestamptz, limit integer
-- columns: what text (new or regressed), number integer, title text, culprit text, people bigint, n bigint,
--   total bigint (without the limit)
select case because when 'regressed' then 'regressed' else 'new' end as what, number, title, culprit, people, n,
       count(*) over () as total
from issues
where app_id = %(app_id)s::smallint and not handled and merged_into is null
  and (first_seen >= %(start)s::timestamptz and first_seen < %(end)s::timestamptz
       or because = 'regressed' and since >= %(start)s::timestamptz and since < %(end)s::timestamptz)
order by people desc, n desc, number
limit %(limit)s
