-- The slice by person and day, beside what that day already held.
-- params: none
-- columns: none
insert into new_days
select app_id, user_id, day, bit_or(slice.flags), coalesce(min(held.flags), 0),
       count(*) filter (where kind = 'event'), count(*) filter (where kind = 'crash'),
       coalesce(array_agg(distinct app_version)
                filter (where kind = 'event' and app_version is not null), '{}'),
       coalesce(array_agg(distinct platform)
                filter (where kind = 'event' and platform is not null), '{}'),
       coalesce(array_agg(distinct country) filter (where country is not null), '{}'),
       coalesce(array_agg(distinct app_version)
                filter (where kind = 'crash' and app_version <> ''), '{}'),
       coalesce(array_agg(distinct platform)
                filter (where kind = 'crash' and platform is not null), '{}')
from slice left join person_days as held using (user_id, app_id, day)
group by app_id, user_id, day
