-- The undeclared names that an app has taken, those sent last first.
-- params: app_id smallint
-- columns: event text, first_seen date, last_seen date
select event, first_seen, last_seen from event_names
where app_id = %(app_id)s
order by last_seen desc, event
