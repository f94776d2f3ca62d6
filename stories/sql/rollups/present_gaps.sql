-- As rollups/active_gaps of days with an event, by what each person is now: version, platform and country ('': none
-- known) and whether auto_paste is on (nothing of who has it off). Of whom one of these has changed, all days that are
-- held go along, and then the new days change the gaps as there. rollups/people_now uses the numbers of the values.
-- Rows of days that a value has nothing of yet are inserted as in rollups/daily_events.
-- params: none
-- columns: none
with states as materialized (
    select app_id, user_id, dim, was, now, was_last is not null and was is distinct from now as has_changed
    from new_people, lateral (
        values ('now_version', coalesce(was_version, ''), coalesce(app_version, '')),
               ('now_platform', coalesce(was_platform, ''), coalesce(platform, '')),
               ('now_country', coalesce(was_country, ''), coalesce(country, '')),
               ('now_auto_paste', case when was_auto_paste then 'true' end, case when auto_paste then 'true' end)
    ) as said (dim, was, now)
    where last_day is not null
), placed as (
    select app_id, user_id, day,
           case when day_before is null or before_flags & 1 <> 0 then day_before else greatest(
               (select held.day from held_days as held
                where (held.user_id, held.app_id, held.day) < (active.user_id, active.app_id, active.day_before)
                  and (held.user_id, held.app_id) = (active.user_id, active.app_id) and held.flags & 1 <> 0
                order by held.user_id desc, held.app_id desc, held.day desc limit 1),
               lag(day) over (partition by app_id, user_id order by day)
           ) end as before,
           case when day_after is null or after_flags & 1 <> 0 then day_after else
               (select held.day from held_days as held
                where (held.user_id, held.app_id, held.day) > (active.user_id, active.app_id, active.day_after)
                  and (held.user_id, held.app_id) = (active.user_id, active.app_id) and held.flags & 1 <> 0
                order by held.user_id, held.app_id, held.day limit 1) end as after
    from (
        select app_id, user_id, day, before as day_before, before_flags, after as day_after, after_flags
        from new_days where flags & ~old_flags & 1 <> 0
    ) as active
), changes as (
    select app_id, user_id, day, coalesce(day - before, 0) as gap, 1 as people from placed
    union all
    select app_id, user_id, after, coalesce(after - before, 0), -1 from placed where after is not null
    union all
    select app_id, user_id, after, after - day, 1 from placed where after is not null
), moved as materialized (
    select app_id, dim, was, now, day, gap
    from states, lateral (
        select day, coalesce(day - lag(day) over (order by day), 0) as gap
        from held_days
        where (held_days.user_id, held_days.app_id) = (states.user_id, states.app_id) and flags & 1 <> 0
        offset 0
    ) as days
    where has_changed
), counted as materialized (
    select app_id, dim, value, day, gap, sum(people) as people
    from (
        select app_id, dim, now as value, day, gap, people from changes join states using (app_id, user_id)
        union all
        select app_id, dim, was, day, gap, -1 from moved
        union all
        select app_id, dim, now, day, gap, 1 from moved
    ) as all_changes
    where value is not null
    group by app_id, dim, value, day, gap
    having sum(people) <> 0
), called as materialized (
    select distinct app_id, dim, now as value from states where now is not null
), new as (
    insert into facets (app_id, dim, value)
    select app_id, dim, value from called
    where not exists (select from facets as held
                      where (held.app_id, held.dim, held.value) = (called.app_id, called.dim, called.value))
    returning facet, app_id, dim, value
), numbered as materialized (
    select facet, app_id, day, gap, people from counted join facets using (app_id, dim, value)
    union all
    select facet, app_id, day, gap, people from counted join new using (app_id, dim, value)
), held as materialized (
    select app_id, facet, day
    from (select distinct app_id, facet, day from numbered) as days
    where exists (select from active_gaps as held
                  where (held.app_id, held.facet, held.kind, held.day) = (days.app_id, days.facet, 1, days.day))
), fresh as (
    insert into active_gaps (app_id, facet, kind, day, gap, people)
    select app_id, facet, 1, day, gap, people from numbered where (app_id, facet, day) not in (select * from held)
)
insert into active_gaps (app_id, facet, kind, day, gap, people)
select app_id, facet, 1, day, gap, people from numbered where (app_id, facet, day) in (select * from held)
on conflict (app_id, facet, kind, day, gap) do update set people = active_gaps.people + excluded.people
