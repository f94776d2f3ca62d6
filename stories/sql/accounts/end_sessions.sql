-- Ends every session of an account, or of DASHBOARD_USERNAME where account_id is null.
-- params: account_id integer
-- columns: none
delete from account_sessions where account_id is not distinct from %(account_id)s::integer
