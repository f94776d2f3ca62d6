-- As stats_traits, for a range that ended before today: people_now does not say who was there between two days, so
-- people's days are asked by what they are now. People by country, and then those with auto_paste on.
-- params: app_id smallint, first date, last date
-- columns: country text ('': not told), auto_paste boolean (null: not told), people numeric
select case when dim = 'now_country' then value else '' end as country,
       case when dim = 'now_auto_paste' then true end as auto_paste, people
from facets cross join lateral (
    select sum(people) as people
    from (
        select people
        from active_gaps
        where active_gaps.app_id = %(app_id)s and active_gaps.facet = facets.facet and kind = 1 and gap <= 0
          and day between %(first)s::date and %(last)s::date
        union all
        select held.people
        from generate_series(0, %(last)s::date - %(first)s::date) as since cross join lateral (
            select people
            from active_gaps
            where active_gaps.app_id = %(app_id)s and active_gaps.facet = facets.facet and kind = 1
              and day = %(first)s::date + since and gap > since
            offset 0
        ) as held
    ) as first_days
    offset 0
) as counted
where app_id = %(app_id)s and dim in ('now_country', 'now_auto_paste') and people > 0
