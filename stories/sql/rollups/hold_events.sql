-- The events of a span of time, rows and those in chunks, into the table of this name.
-- params: app_id smallint (null: of every app), since timestamptz, until timestamptz
-- columns: none
insert into held_events
select held.*
from apps cross join lateral events_between(apps.app_id, %(since)s::timestamptz, %(until)s::timestamptz) as held
where %(app_id)s::smallint is null or apps.app_id = %(app_id)s::smallint
