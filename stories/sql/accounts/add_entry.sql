-- One more entry of the audit log.
-- params: at timestamptz, account_id integer, actor text, action text, subject text, app text
-- columns: none
insert into audit_log (at, account_id, actor, action, subject, app)
values (%(at)s::timestamptz, %(account_id)s::integer, %(actor)s::text, %(action)s::text, %(subject)s::text,
        %(app)s::text)
