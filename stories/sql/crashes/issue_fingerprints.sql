-- The groups of an issue by what tells where their crashes are.
-- params: issue_id bigint
-- columns: app_id smallint, fingerprint bytea, first_seen timestamptz, last_seen timestamptz
select app_id, fingerprint, first_seen, last_seen from groups where issue_id = %(issue_id)s::bigint
