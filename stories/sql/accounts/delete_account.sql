-- Takes an account away with its sessions, tokens and share links.
-- params: account_id integer
-- columns: none
with sessions as (
    delete from account_sessions where account_id = %(account_id)s::integer
), tokens as (
    delete from api_tokens where account_id = %(account_id)s::integer
), links as (
    delete from share_links where account_id = %(account_id)s::integer
)
delete from accounts where account_id = %(account_id)s::integer
