-- Why an artifact could not be used.
-- params: artifact_id bigint, sentence text
-- columns: none
update artifacts set trouble = %(sentence)s::text where artifact_id = %(artifact_id)s::bigint
