-- Frees the places of undeclared names that nobody has sent since.
-- params: before date
-- columns: none
delete from event_names where last_seen < %(before)s
