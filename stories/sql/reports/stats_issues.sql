-- The issues with most crashes in a range of days; under a filter, with most crashes of that value (a family of
-- platforms is the sum of them).
-- params: app_id smallint, dim text, value text, first date, last date
-- columns: id text, title text, culprit text, state text, crashes bigint
with counted as (
    select issue_id, sum(days.n) as crashes
    from groups cross join lateral (
        select n from group_days
        where (group_days.app_id, group_days.fingerprint) = (groups.app_id, groups.fingerprint)
          and dim = case %(dim)s when 'family' then 'platform' else %(dim)s end
          and (value = %(value)s or %(dim)s = 'family' and platform_family(value) = %(value)s)
          and day between %(first)s::date and %(last)s::date
    ) as days
    where app_id = %(app_id)s
      and last_seen >= %(first)s::timestamp at time zone 'UTC' - interval '1 day'
    group by issue_id
)
select apps.slug || '-' || number as id, title, culprit, state, crashes::bigint as crashes
from counted join issues using (issue_id) join apps using (app_id)
where not handled and crashes > 0
order by crashes desc, number
limit 10
