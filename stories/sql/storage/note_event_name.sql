-- Notes that an app was sent an undeclared event. No row where it is new and all places are taken.
-- params: app_id smallint, event text, day date, most integer
-- columns: none
insert into event_names (app_id, event, first_seen, last_seen)
select %(app_id)s, %(event)s, %(day)s::date, %(day)s::date
where exists (select from event_names where app_id = %(app_id)s and event = %(event)s)
   or (select count(*) from event_names where app_id = %(app_id)s) < %(most)s
on conflict (app_id, event) do update set last_seen = greatest(event_names.last_seen, excluded.last_seen)
