-- Some chunks of one month that hold an event of a span of time, the oldest first.
-- params: app_id smallint (null: of every app), since timestamptz (null: any), until timestamptz (exclusive;
--   null: any), most integer
-- columns: month timestamptz, chunk_ids bigint[]
select month_of(first_at) as month, (array_agg(chunk_id))[1:%(most)s::integer] as chunk_ids
from event_chunks
where (%(app_id)s::smallint is null or app_id = %(app_id)s::smallint)
  and (%(since)s::timestamptz is null or last_at >= %(since)s::timestamptz)
  and (%(until)s::timestamptz is null or first_at < %(until)s::timestamptz)
group by 1
order by 1
limit 1
