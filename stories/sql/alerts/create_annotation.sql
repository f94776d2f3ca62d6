-- Makes a note, unless there are too many.
-- params: app_id smallint (null: of all apps), at timestamptz, text text, created_by text, most integer
-- columns: annotation_id integer, app_id smallint, at timestamptz, text text, created_by text (no row: too many)
insert into annotations (app_id, at, text, created_by)
select %(app_id)s::smallint, %(at)s, %(text)s, %(created_by)s
where (select count(*) from annotations where app_id is not distinct from %(app_id)s::smallint) < %(most)s
returning annotation_id, app_id, at, text, created_by
