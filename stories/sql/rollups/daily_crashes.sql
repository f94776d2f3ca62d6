-- Crashes by day, type and dimension.
-- params: none
-- columns: none
insert into daily_crashes (app_id, day, dim, value, crash_type, n)
select app_id, day, dims.dim, dims.value, event, count(*)
from slice, lateral (values ('none', ''), ('version', nullif(app_version, '')),
                            ('platform', platform), ('family', platform_family(platform))) as dims (dim, value)
where kind = 'crash' and dims.value is not null
group by app_id, day, dims.dim, dims.value, event
union all
select app_id, day, 'segment', slice_segments.value, event, count(*)
from slice join slice_segments using (app_id)
where kind = 'crash' and segments & bit <> 0
group by app_id, day, slice_segments.value, event
on conflict (app_id, dim, value, day, crash_type) do update set n = daily_crashes.n + excluded.n
