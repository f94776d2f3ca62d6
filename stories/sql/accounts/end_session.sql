-- Log-out.
-- params: token_digest bytea
-- columns: none
delete from account_sessions where token_digest = %(token_digest)s::bytea
