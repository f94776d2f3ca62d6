-- The day that is to be counted next by a segment, the oldest first; null where none is left of it.
-- params: none
-- columns: segment_id integer, app_id smallint, place smallint, filter jsonb, day date, is_sealed boolean,
--   events bigint, since timestamptz, until timestamptz (exclusive)
select segment_id, segments.app_id, place, filter, next.day, is_sealed(segments.app_id, next.day) as is_sealed,
       coalesce((select sum(n) from daily_events as counted
                 where counted.app_id = segments.app_id and dim = 'none' and value = ''
                   and counted.day = next.day), 0)::bigint as events,
       next.day::timestamp at time zone timezone as since,
       (next.day + 1)::timestamp at time zone timezone as until
from segments join apps using (app_id), lateral (
    select min(day) as day
    from (
        select min(day) as day from daily_events as counted
        where counted.app_id = segments.app_id and dim = 'none' and value = '' and day > filled_until
        union all
        select min(day) from daily_crashes as counted
        where counted.app_id = segments.app_id and dim = 'none' and value = '' and day > filled_until
    ) as both_kinds
) as next
where filled_until < 'infinity'
order by segments.created_at, segment_id
limit 1
