-- When a token was last used; behind by some minutes, so that a busy one does not write all the time.
-- params: token_id integer, now timestamptz
-- columns: none
update api_tokens set used_at = %(now)s::timestamptz where token_id = %(token_id)s::integer
