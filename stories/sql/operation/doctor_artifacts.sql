-- What artifacts of all apps take, uploads of the last day that failed, the latest of them, and since when the
-- oldest has waited to be taken in.
-- params: none
-- columns: bytes bigint, failed bigint, name text, detail text, late double precision (seconds; 0: none waits)
select (select coalesce(sum(kept_bytes), 0) from artifacts)::bigint as bytes,
       count(*) filter (where state = 'failed') as failed,
       (array_agg(parts -> 0 ->> 'name' order by ended_at desc) filter (where state = 'failed'))[1] as name,
       (array_agg(detail order by ended_at desc) filter (where state = 'failed'))[1] as detail,
       coalesce(extract(epoch from now() - min(at) filter (where state = 'waiting')), 0)::float8 as late
from uploads
where state = 'waiting' or ended_at > now() - interval '1 day'
