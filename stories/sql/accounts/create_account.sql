-- A new account that has no password yet.
-- params: name text, role text, app_ids smallint[], invite_digest bytea, invite_until timestamptz
-- columns: account_id integer
insert into accounts (name, role, app_ids, invite_digest, invite_until)
values (%(name)s::text, %(role)s::text, %(app_ids)s::smallint[], %(invite_digest)s::bytea,
        %(invite_until)s::timestamptz)
returning account_id
