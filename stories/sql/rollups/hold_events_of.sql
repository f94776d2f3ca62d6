-- A person's oldest events, rows and those in chunks, into the table of this name.
-- params: user_id uuid, app_id smallint (null: in every app), most integer
-- columns: none
insert into held_events
select held.*
from events_of(%(user_id)s::uuid, %(app_id)s::smallint) as held
order by held.timestamp
limit %(most)s::integer
