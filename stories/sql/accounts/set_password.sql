-- A new password; an open one-time link ends with the old one.
-- params: account_id integer, password text
-- columns: none
update accounts set password = %(password)s::text, invite_digest = null, invite_until = null
where account_id = %(account_id)s::integer
