-- Takes an image for as long as its lease lasts, unless somebody has taken it since it was seen: the
-- lease moves next_try. A row lock would do in one statement; Citus has none on distributed tables.
-- params: user_id uuid, timestamp timestamptz, dedupe_key bigint, next_try timestamptz (as seen),
--   until timestamptz (end of the lease)
-- columns: image_id uuid, user_id uuid, attempts integer, source_url text, data bytea
update images set next_try = %(until)s, attempts = attempts + 1
where user_id = %(user_id)s and timestamp = %(timestamp)s and dedupe_key = %(dedupe_key)s
  and state = 'waiting' and next_try = %(next_try)s
returning image_id, user_id, attempts, source_url, data
