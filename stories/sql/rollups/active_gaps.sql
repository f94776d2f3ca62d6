-- What each newly active day changes. Days of a person are taken in ascending order: day x comes after
-- p (the last active day before, held or new) and before y (the next one held). x brings the gap x-p;
-- y's gap was y-p and becomes y-x. Exact in any order of arrival, four rows a day whatever is asked: kind -1 - kind
-- has everybody of a day.
-- Most often the days around x are of its kind; only where they are not, days farther away are looked for.
-- params: none
-- columns: none
with active as (
    select app_id, user_id, day, before as day_before, before_flags, after as day_after, after_flags, kinds.kind
    from new_days, lateral (
        select 0 as kind where old_flags = 0
        union all
        select 1 << place from generate_series(0, 14) as place
        where (flags & ~old_flags) & (1 << place) <> 0
    ) as kinds
), placed as (
    select active.*,
           case when day_before is null or kind = 0 or before_flags & kind <> 0 then day_before else greatest(
               (select max(held.day) from held_days as held
                where held.user_id = active.user_id and held.app_id = active.app_id
                  and held.day < active.day_before and held.flags & kind <> 0),
               lag(active.day) over (partition by app_id, user_id, kind order by active.day)
           ) end as before,
           case when day_after is null or kind = 0 or after_flags & kind <> 0 then day_after else
               (select min(held.day) from held_days as held
                where held.user_id = active.user_id and held.app_id = active.app_id
                  and held.day > active.day_after and held.flags & kind <> 0) end as after
    from active
), changes as (
    select app_id, kind, day, coalesce(day - before, 0) as gap, 1 as people from placed
    union all
    select app_id, kind, after, coalesce(after - before, 0), -1 from placed where after is not null
    union all
    select app_id, kind, after, after - day, 1 from placed where after is not null
    union all
    select app_id, -1 - kind, day, 0, 1 from placed
)
insert into active_gaps (app_id, kind, day, gap, people)
select app_id, kind, day, gap, sum(people)
from changes
group by app_id, kind, day, gap
having sum(people) <> 0
on conflict (app_id, facet, kind, day, gap) do update set people = active_gaps.people + excluded.people
