-- A segment's place.
-- params: segment_id integer
-- columns: app_id smallint, place smallint
select app_id, place from segments where segment_id = %(segment_id)s for update
