-- The day that is to be counted back next, and what has been counted of it by name. first_day is looked up
-- anew: while the work was asked for, a fold may have counted a day that was not there yet.
-- params: none
-- columns: app_id smallint, day date, first_day date, is_sealed boolean, events bigint, since timestamptz,
--   until timestamptz (exclusive)
select queue.app_id, next_day as day,
       greatest(whole_since, least(first_day, (
           select min(day) from daily_events
           where daily_events.app_id = queue.app_id and dim = 'none' and value = ''))) as first_day,
       is_sealed(queue.app_id, next_day) as is_sealed,
       coalesce((select sum(n) from daily_events
                 where daily_events.app_id = queue.app_id and dim = 'none' and value = ''
                   and day = next_day), 0)::bigint as events,
       next_day::timestamp at time zone timezone as since,
       (next_day + 1)::timestamp at time zone timezone as until
from counting_back as queue join apps using (app_id)
where next_day >= first_day
order by requested_at, app_id
limit 1
