-- Puts a message into the queue, once.
-- params: destination_id integer, kind text, once text, content text (JSON)
-- columns: message_id uuid (no row where it is there already)
insert into messages (destination_id, kind, once, content)
select %(destination_id)s::integer, %(kind)s, %(once)s, %(content)s::jsonb
where exists (select from destinations where destination_id = %(destination_id)s::integer)
on conflict (once) do nothing
returning message_id
