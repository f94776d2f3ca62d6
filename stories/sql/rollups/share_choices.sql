-- Which values count by their own name on the days of the share: as when it was counted.
-- params: none
-- columns: none
insert into kept_values
select kept.*
from public.kept_values as kept
where (app_id, day) in (
    select apps.app_id, (keys.timestamp at time zone apps.timezone)::date from slice_keys as keys, apps
)
