-- Frees the places of undeclared names: they are declared now, or their maker does not want them.
-- params: app_id smallint, events text[]
-- columns: none
delete from event_names where app_id = %(app_id)s and event = any (%(events)s)
