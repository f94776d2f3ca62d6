-- Whose one-time link this is, while it is valid.
-- params: invite_digest bytea, now timestamptz
-- columns: account_id integer, name text
select account_id, name
from accounts
where invite_digest = %(invite_digest)s::bytea and invite_until > %(now)s::timestamptz
