-- Says what an artifact takes as it is stored.
-- params: artifact_id bigint, kept_bytes bigint
-- columns: none
update artifacts set kept_bytes = %(kept_bytes)s::bigint where artifact_id = %(artifact_id)s::bigint
