-- What each person did on each day.
-- union_of only where the held array lacks something: a call costs more than the rest of the row.
-- params: none
-- columns: none
insert into person_days (app_id, day, user_id, flags, events, crashes, versions, platforms,
                         countries, crash_versions, crash_systems, segments, crash_segments)
select app_id, day, user_id, flags, events, crashes, versions, platforms,
       countries, crash_versions, crash_systems, segments, crash_segments
from new_days
on conflict (user_id, app_id, day) do update set
    flags = person_days.flags | excluded.flags,
    segments = person_days.segments | excluded.segments,
    crash_segments = person_days.crash_segments | excluded.crash_segments,
    events = person_days.events + excluded.events,
    crashes = person_days.crashes + excluded.crashes,
    versions = case when person_days.versions @> excluded.versions then person_days.versions
        else union_of(person_days.versions, excluded.versions) end,
    platforms = case when person_days.platforms @> excluded.platforms then person_days.platforms
        else union_of(person_days.platforms, excluded.platforms) end,
    countries = case when person_days.countries @> excluded.countries then person_days.countries
        else union_of(person_days.countries, excluded.countries) end,
    crash_versions = case when person_days.crash_versions @> excluded.crash_versions then person_days.crash_versions
        else union_of(person_days.crash_versions, excluded.crash_versions) end,
    crash_systems = case when person_days.crash_systems @> excluded.crash_systems then person_days.crash_systems
        else union_of(person_days.crash_systems, excluded.crash_systems) end
