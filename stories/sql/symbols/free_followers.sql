-- Gives thin crashes that waited for others of their group to the fold.
-- params: ids bigint[]
-- columns: none
update outbox set held_until = null, received_at = now() where id = any(%(ids)s::bigint[])
