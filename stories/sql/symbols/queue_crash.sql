-- Puts a folded crash into the queue of those that are mapped anew.
-- params: kind text, user_id uuid, timestamp timestamptz, dedupe_key bigint, app_id smallint
-- columns: none
insert into remap_queue (kind, user_id, timestamp, dedupe_key, app_id)
values (%(kind)s, %(user_id)s, %(timestamp)s, %(dedupe_key)s, %(app_id)s)
on conflict do nothing
