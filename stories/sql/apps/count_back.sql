-- Asks to count an app's days again: from tomorrow, where a client's clock may be, to the oldest that has been
-- counted and is whole. Days that are being counted back already begin anew.
-- params: app_id smallint
-- columns: none
insert into counting_back (app_id, first_day, last_day, next_day)
select app_id, least(greatest(whole_since, coalesce(counted.oldest, newest)), newest), newest, newest
from apps, lateral (
    select min(day) as oldest, max(day) as latest from daily_events
    where daily_events.app_id = apps.app_id and dim = 'none' and value = ''
) as counted, lateral (
    select greatest(counted.latest, (now() at time zone timezone)::date) + 1 as newest
) as days
where app_id = %(app_id)s
on conflict (app_id) do update set
    first_day = excluded.first_day, last_day = excluded.last_day, next_day = excluded.next_day,
    requested_at = now()
