-- Makes a segment in the first free place, unless its name is taken or no place is free: then there is no row.
-- params: app_id smallint, name text, filter text (JSON)
-- columns: segment_id integer
insert into segments (app_id, place, name, filter)
select %(app_id)s, min(place), %(name)s, %(filter)s::jsonb
from generate_series(0, 9) as place
where place not in (select place from segments where app_id = %(app_id)s)
having min(place) is not null
on conflict do nothing
returning segment_id
