-- Sets the password that a one-time link is for, and uses the link up.
-- params: invite_digest bytea, now timestamptz, password text
-- columns: account_id integer, name text, role text, app_ids smallint[], password text
update accounts set password = %(password)s::text, invite_digest = null, invite_until = null
where invite_digest = %(invite_digest)s::bytea and invite_until > %(now)s::timestamptz
returning account_id, name, role, app_ids, password
