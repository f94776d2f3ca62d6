-- Gives an account another role and other apps.
-- params: account_id integer, role text, app_ids smallint[]
-- columns: none
update accounts set role = %(role)s::text, app_ids = %(app_ids)s::smallint[]
where account_id = %(account_id)s::integer
