-- Values of a field among the events of a funnel's first step, by how many people (or sessions) had them, ten at most.
-- params: app_id smallint, start timestamptz, end timestamptz (exclusive), first boolean (which events are the
--   first step), value text (the field), by_session boolean, matches boolean
-- columns: value text
select value
from (
    select user_id, %(value)s as value
    from facts_between(%(app_id)s::smallint, %(start)s::timestamptz, %(end)s::timestamptz) as facts
    where app_id = %(app_id)s and timestamp >= %(start)s and timestamp < %(end)s and %(first)s and %(matches)s
      and case when %(by_session)s then has_session(user_id) else is_person(user_id) end
) as begun
where value is not null
group by value
order by count(distinct user_id) desc, value
limit 10
