-- A login by HTTP Basic, which comes with every request: written where the last one of this person is
-- before `since`.
-- params: at timestamptz, since timestamptz, account_id integer, actor text, subject text
-- columns: none
insert into audit_log (at, account_id, actor, action, subject)
select %(at)s::timestamptz, %(account_id)s::integer, %(actor)s::text, 'logged in', %(subject)s::text
where not exists (
    select from audit_log
    where at > %(since)s::timestamptz and actor = %(actor)s::text and action = 'logged in'
      and subject = %(subject)s::text
)
