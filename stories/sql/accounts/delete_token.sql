-- Revokes a token, of anybody or of one maker.
-- params: token_id integer, everybody boolean, account_id integer
-- columns: name text
delete from api_tokens
where token_id = %(token_id)s::integer
  and (%(everybody)s::boolean or account_id is not distinct from %(account_id)s::integer)
returning name
