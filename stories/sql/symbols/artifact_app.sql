-- Whose an artifact is, and what it is called.
-- params: artifact_id bigint
-- columns: artifact_id bigint, app_id smallint, name text
select artifact_id, app_id, name from artifacts where artifact_id = %(artifact_id)s::bigint
