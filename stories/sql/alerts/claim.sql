-- Claims the oldest message that is due, of a destination to which nothing is on its way: messages to one
-- destination go one after the other, and a slow one holds up no other. The end of an alert waits for what its rule
-- has to say before it.
-- params: seconds integer (until another may take it)
-- columns: message_id uuid, destination_id integer, kind text, content jsonb, attempts integer, created_at timestamptz,
--   name text, destination_kind text, address text, secret text
with due as (
    select message_id
    from messages
    where sent_at is null and failed_at is null and due_at <= now()
      and (claimed_until is null or claimed_until < now())
      and destination_id not in (
          select destination_id from messages
          where sent_at is null and failed_at is null and claimed_until >= now())
      and not exists (
          select from messages as earlier
          where messages.kind = 'resolved' and earlier.kind = 'firing'
            and earlier.sent_at is null and earlier.failed_at is null
            and earlier.destination_id = messages.destination_id and earlier.created_at < messages.created_at
            and split_part(earlier.once, ':', 2) = split_part(messages.once, ':', 2))
    order by due_at, created_at
    limit 1
    for update skip locked
)
update messages set
    claimed_until = now() + make_interval(secs => %(seconds)s),
    attempts = messages.attempts + 1
from due, destinations
where messages.message_id = due.message_id and destinations.destination_id = messages.destination_id
returning messages.message_id, messages.destination_id, messages.kind, messages.content, messages.attempts,
    messages.created_at, destinations.name, destinations.kind as destination_kind, destinations.address,
    destinations.secret
