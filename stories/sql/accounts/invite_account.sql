-- A new one-time link for an account; the one before stops working.
-- params: account_id integer, invite_digest bytea, invite_until timestamptz
-- columns: none
update accounts set invite_digest = %(invite_digest)s::bytea, invite_until = %(invite_until)s::timestamptz
where account_id = %(account_id)s::integer
