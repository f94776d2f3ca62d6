-- As dashboard_labels_now, for a range that ended before today: people_now does not say who was there between two
-- days, so people's days are asked by what they are now, as in stats_distinct_people.
-- params: app_id smallint, first date, last date
-- columns: what text, key text, people bigint
select replace(dim, 'now_', '') as what, value as key, people::bigint as people
from facets cross join lateral (
    select sum(people) as people
    from (
        select people
        from active_gaps
        where active_gaps.app_id = %(app_id)s::smallint and active_gaps.facet = facets.facet and kind = 1 and gap <= 0
          and day between %(first)s::date and %(last)s::date
        union all
        select held.people
        from generate_series(0, %(last)s::date - %(first)s::date) as since cross join lateral (
            select people
            from active_gaps
            where active_gaps.app_id = %(app_id)s::smallint and active_gaps.facet = facets.facet and kind = 1
              and day = %(first)s::date + since and gap > since
            offset 0
        ) as held
    ) as first_days
    offset 0
) as counted
where app_id = %(app_id)s::smallint and dim in ('now_version', 'now_platform', 'now_country') and people > 0
order by 1, 3 desc, 2
