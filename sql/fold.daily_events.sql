-- Events by day, name and dimension.
-- params: none
-- columns: none
insert into daily_events (app_id, day, dim, value, event, n)
select app_id, day, dims.dim, dims.value, event, count(*)
from slice, lateral (values ('none', ''), ('version', app_version),
                            ('platform', platform), ('country', country)) as dims (dim, value)
where kind = 'event' and dims.value is not null
group by app_id, day, dims.dim, dims.value, event
on conflict (app_id, dim, value, day, event) do update set n = daily_events.n + excluded.n
