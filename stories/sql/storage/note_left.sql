-- Notes that the sessions of some chunks have left.
-- params: chunk_ids bigint[], since timestamptz, until timestamptz (first_at of the first and the last of them)
-- columns: none
update event_chunks set sessions_left = true
where chunk_id = any (%(chunk_ids)s::bigint[])
  and first_at between %(since)s::timestamptz and %(until)s::timestamptz
