-- As stats.people, for events and crashes of one version, platform or country: counted over
-- person_days, once. Each window is a bit, each day knows its windows, each person ends with the bits
-- of the windows they are in. Kinds 0 (either), 1 (event) and 2 (crash) only: a row's other flags do not
-- say which of the day's versions they belong to.
-- The bounds of all windows come along as constants: without them the planner expects two rows.
-- params: app_id smallint, dim text, value text, kinds integer[], firsts date[], lasts date[],
--   earliest date, latest date
-- columns: place bigint, people numeric
with asked as materialized (
    select * from unnest(%(kinds)s::integer[], %(firsts)s::date[], %(lasts)s::date[])
                      with ordinality as asked (kind, first, last, place)
), days as materialized (
    select day::date,
           coalesce(bit_or(1 << place::integer) filter (where kind = 0), 0) as either_in,
           coalesce(bit_or(1 << place::integer) filter (where kind = 1), 0) as event_in,
           coalesce(bit_or(1 << place::integer) filter (where kind = 2), 0) as crash_in
    from generate_series(%(earliest)s::timestamp, %(latest)s::timestamp, '1 day') as day
    join asked on day between asked.first and asked.last
    group by day
), matching as (
    select user_id, day,
           %(value)s = any (case %(dim)s when 'version' then versions
                                         when 'platform' then platforms
                                         else countries end) as has_event,
           %(value)s = any (case %(dim)s when 'version' then crash_versions
                                         when 'platform' then crash_systems
                                         else '{}' end) as has_crash
    from person_days
    where app_id = %(app_id)s and day between %(earliest)s::date and %(latest)s::date
), people as materialized (
    select bit_or(either_in | case when has_event then event_in else 0 end
                            | case when has_crash then crash_in else 0 end) as windows
    from matching join days using (day)
    where has_event or has_crash
    group by user_id
)
select asked.place, coalesce(sum(found.people), 0) as people
from asked
left join (select windows, count(*) as people from people group by windows) as found
       on found.windows & (1 << asked.place::integer) <> 0
group by asked.place
order by asked.place
