-- As dashboard_labels_now, for a range that ended before today: people_now does not say who was there between two
-- days, so people's days are asked by what they are now.
-- params: app_id smallint, first date, last date
-- columns: what text, key text, people bigint
select replace(dim, 'now_', '') as what, value as key, people::bigint as people
from facets cross join lateral (
    select sum(people) as people
    from active_gaps
    where active_gaps.app_id = %(app_id)s::smallint and active_gaps.facet = facets.facet and kind = 1
      and day between %(first)s::date and %(last)s::date and (gap <= 0 or gap > day - %(first)s::date)
    offset 0
) as counted
where app_id = %(app_id)s::smallint and dim in ('now_version', 'now_platform', 'now_country') and people > 0
order by 1, 3 desc, 2
