-- Destinations, without what must not be shown: scheme is the first part of a service's address.
-- params: none
-- columns: destination_id integer, name text, kind text, scheme text, created_by text, created_at timestamptz,
--   last_sent_at timestamptz, last_error text, waiting bigint, failed bigint
select destination_id, name, kind, case when kind = 'service' then split_part(address, '://', 1) end as scheme,
       created_by, created_at, last_sent_at, last_error,
       (select count(*) from messages where messages.destination_id = destinations.destination_id
          and sent_at is null and failed_at is null) as waiting,
       (select count(*) from messages where messages.destination_id = destinations.destination_id
          and failed_at is not null and messages.kind <> 'test') as failed
from destinations
order by name
