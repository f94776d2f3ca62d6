-- Gives a held crash to the fold. No row: the fold has it already.
-- params: id bigint
-- columns: id bigint
update outbox set held_until = null, received_at = now()
where id = %(id)s::bigint and held_until is not null
returning id
