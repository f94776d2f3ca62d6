-- People by the day of their first event, summed over each range, in the order asked; of a facet those who named
-- it in the range. Expiry and erasure lower none of it.
-- params: app_id smallint, facet integer, firsts date[], lasts date[]
-- columns: place bigint, people numeric
select asked.place, coalesce(sum(gaps.people), 0) as people
from unnest(%(firsts)s::date[], %(lasts)s::date[]) with ordinality as asked (first, last, place)
left join active_gaps as gaps
       on gaps.app_id = %(app_id)s and gaps.facet = %(facet)s and gaps.kind = 1 and gaps.gap <= 0
      and gaps.day between asked.first and asked.last and gaps.day + gaps.gap >= asked.first
group by asked.place
order by asked.place
