-- Decides which new values of an app's day are counted by their own name, and notes in `other_values` which
-- are not: what is too long, holds control characters or a scrubbed secret, and what finds the day full.
-- A day (of a dimension, or of an event's property) has `most` places; first come, first served. The first
-- value that finds none closes the day with a row 'other', and the values that were used by three or more
-- on one of the thirty days before get a place of their own, so that junk cannot push real ones out. After
-- that the day never changes, so a rebuild makes the same choice.
-- Values that an enum declares need no place.
-- `not coalesce(…)`: of `is null` the planner expects two rows and joins thousands by nested loops.
-- params: most integer
-- columns: none
with seen as materialized (
    select app_id, '' as event, dims.property, day, dims.value, sum(uses) as uses, 0 as n,
           true as fits  -- slice.sql cuts the length, kept_value_people adds people
    from (
        select app_id, day, app_version, platform, country, count(*) as uses
        from slice group by app_id, day, app_version, platform, country
    ) as together, lateral (values ('version', app_version), ('platform', platform), ('country', country))
        as dims (property, value)
    where dims.value <> '' and dims.value <> 'other'
    group by app_id, dims.property, day, dims.value
    union all
    select app_id, event, property, day, value, uses, uses,
           is_plain_label(value)
    from (
        select app_id, event, property, day, label as value, sum(n) as uses
        from label_facts
        where not declared and label not in ('', 'other')
        group by app_id, event, property, day, label
    ) as counted
), new as (
    select seen.*
    from seen
    where fits  -- looked up one by one, however large the table is and whatever the statistics say
      and not coalesce((select true from kept_values as kept
                        where (kept.app_id, kept.event, kept.property, kept.day, kept.value)
                            = (seen.app_id, seen.event, seen.property, seen.day, seen.value)), false)
), days as (
    select app_id, event, property, day, count(*) as arriving,
           (select count(*) from kept_values as kept
            where (kept.app_id, kept.event, kept.property, kept.day)
                = (new.app_id, new.event, new.property, new.day)) as held,
           exists (select from kept_values as kept
                   where (kept.app_id, kept.event, kept.property, kept.day, kept.value)
                       = (new.app_id, new.event, new.property, new.day, 'other')) as closed
    from new
    group by app_id, event, property, day
), closing as materialized (
    select * from days where not closed and held + arriving > %(most)s
), placed as materialized (
    select app_id, event, property, day, value
    from (
        select new.*, days.held,
               row_number() over (partition by app_id, event, property, day order by uses desc, value) as place
        from new join days using (app_id, event, property, day)
        where not closed
    ) as ranked
    where held + place <= %(most)s
    union
    select closing.app_id, closing.event, closing.property, closing.day, established.value
    from closing, lateral (
        select value
        from kept_values as earlier
        where (earlier.app_id, earlier.event, earlier.property)
            = (closing.app_id, closing.event, closing.property)
          and earlier.day between closing.day - 30 and closing.day - 1 and earlier.value <> 'other'
        group by value
        having max(n) >= 3
        order by count(*) filter (where n >= 3) desc, sum(n) desc, value
        limit %(most)s
    ) as established
    union
    select app_id, event, property, day, 'other' from closing
), refused as (
    insert into other_values (app_id, event, property, day, value)
    select app_id, event, property, day, value from new
    where (app_id, event, property, day, value) not in (select * from placed)
    union all
    select app_id, event, property, day, value from seen where not fits
)
insert into kept_values (app_id, event, property, day, value, n)
select app_id, event, property, day, value, coalesce(seen.n, 0)
from placed left join seen using (app_id, event, property, day, value)
union all
select app_id, event, property, day, value, seen.n
from seen
where seen.n > 0 and fits and (app_id, event, property, day, value) not in
    (select app_id, event, property, day, value from new)
on conflict (app_id, event, property, day, value) do update set n = kept_values.n + excluded.n
