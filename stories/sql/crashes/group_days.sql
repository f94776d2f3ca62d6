-- Crashes and handled errors by group, day and dimension.
-- params: none
-- columns: none
insert into group_days (app_id, fingerprint, dim, value, day, n)
select app_id, fingerprint, dims.dim, dims.value, day, count(*)
from slice, lateral (values ('none', ''), ('version', nullif(app_version, '')),
                            ('platform', nullif(platform, ''))) as dims (dim, value)
where fingerprint is not null and dims.value is not null
group by app_id, fingerprint, dims.dim, dims.value, day
on conflict (app_id, fingerprint, dim, value, day) do update set n = group_days.n + excluded.n
