-- Adds a piece of an artifact's deflated content.
-- params: artifact_id bigint, n integer, data bytea
-- columns: none
insert into artifact_pieces (artifact_id, n, data)
values (%(artifact_id)s::bigint, %(n)s::integer, %(data)s::bytea)
