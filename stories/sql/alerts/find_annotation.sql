-- One note.
-- params: annotation_id integer
-- columns: annotation_id integer, app_id smallint, at timestamptz, text text, created_by text
select annotation_id, app_id, at, text, created_by from annotations where annotation_id = %(annotation_id)s::integer
