-- A piece of an artifact's deflated content.
-- params: artifact_id bigint, n integer
-- columns: data bytea
select data from artifact_pieces where artifact_id = %(artifact_id)s::bigint and n = %(n)s::integer
