-- Messages of the last day that failed, tests apart, the latest of them, and since when the oldest has waited to be sent.
-- params: none
-- columns: failed bigint, destination text, last_error text, late double precision (seconds; 0: none waits)
select count(*) as failed,
       (array_agg(destinations.name order by failed_at desc))[1] as destination,
       (array_agg(messages.last_error order by failed_at desc))[1] as last_error,
       (select coalesce(extract(epoch from now() - min(due_at)), 0) from messages
        where sent_at is null and failed_at is null and due_at <= now())::float8 as late
from messages left join destinations using (destination_id)
where failed_at > now() - interval '1 day' and messages.kind <> 'test'
