-- Distinct people of each window (kind, first day, last day), in the order asked.
-- Somebody counts on their first day in the window: one whose gap reaches back before it, or who has
-- none. Only those rows are touched, a probe a day (as a subquery of its own, or the planner joins
-- instead, which reads all rows of a kind). A window that is short beside the days before it has more of them than
-- of the others: there it is everybody of each day (kind -1 - kind), less those whose gap does not reach back so far.
-- Under a filter kind 0 is what those with either have beyond kind 1.
-- params: app_id smallint, facet integer (0: everybody), kinds integer[], firsts date[], lasts date[]
-- columns: place bigint, people numeric
select asked.place, coalesce(came.people, 0) + asked.sign * coalesce(returned.people, 0) as people
from unnest(%(kinds)s::integer[], %(firsts)s::date[], %(lasts)s::date[])
         with ordinality as windows (kind, first, last, place)
cross join lateral (
    select %(facet)s = 0 and last - first < 2 * (first - (
        select min(day) from active_gaps where app_id = %(app_id)s and facet = 0 and kind = 0
    )) as is_short
) as compared
cross join lateral (
    select first, last, place, is_short, case when is_short then -1 else 1 end as sign,
           case when %(facet)s <> 0 and kind = 0 then '{0,1}' else array[kind] end as parts,
           case when is_short then array[-1 - kind] when %(facet)s <> 0 and kind = 0 then '{0,1}'
                else array[kind] end as coming
) as asked
cross join lateral (
    select sum(people) as people
    from active_gaps
    where app_id = %(app_id)s and facet = %(facet)s and kind = any (asked.coming) and gap <= 0
      and day between asked.first and asked.last
) as came
cross join lateral (
    select sum(on_day.people) as people
    from generate_series(0, asked.last - asked.first) as since
    cross join lateral (
        select sum(people) as people
        from active_gaps
        where app_id = %(app_id)s and facet = %(facet)s and kind = any (asked.parts)
          and day = asked.first + since and gap >= case when asked.is_short then 1 else since + 1 end
          and gap <= case when asked.is_short then since else 1000000 end
    ) as on_day
) as returned
order by asked.place
