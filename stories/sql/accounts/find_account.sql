-- The account of a name, whatever its case.
-- params: name text
-- columns: account_id integer, name text, role text, app_ids smallint[], password text
select account_id, name, role, app_ids, password
from accounts
where lower(name) = lower(%(name)s::text)
