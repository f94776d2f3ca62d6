-- People by the day of their first event, summed over each range, in the order asked. Expiry and
-- erasure lower none of it.
-- params: app_id smallint, firsts date[], lasts date[]
-- columns: place bigint, people numeric
select asked.place, coalesce(sum(gaps.people), 0) as people
from unnest(%(firsts)s::date[], %(lasts)s::date[]) with ordinality as asked (first, last, place)
left join active_gaps as gaps
       on gaps.app_id = %(app_id)s and gaps.kind = 1 and gaps.gap = 0
      and gaps.day between asked.first and asked.last
group by asked.place
order by asked.place
