-- Whether a message waits to be sent now.
-- params: none
-- columns: is_due boolean
select exists (
    select from messages
    where sent_at is null and failed_at is null and due_at <= now()
      and (claimed_until is null or claimed_until < now())
) as is_due
