-- What each person did on each day.
-- union_of only where they differ: a call costs more than the rest of the row.
-- params: none
-- columns: none
insert into person_days (app_id, day, user_id, flags, events, crashes, versions, platforms,
                         countries, crash_versions, crash_systems, segments, crash_segments)
select app_id, day, user_id, flags, events, crashes, versions::text, platforms::text,
       countries::text, crash_versions::text, crash_systems::text, segments, crash_segments
from new_days
on conflict (user_id, app_id, day) do update set
    flags = person_days.flags | excluded.flags,
    segments = person_days.segments | excluded.segments,
    crash_segments = person_days.crash_segments | excluded.crash_segments,
    events = person_days.events + excluded.events,
    crashes = person_days.crashes + excluded.crashes,
    versions = case when excluded.versions in (person_days.versions, '{}') then person_days.versions
        else union_of(person_days.versions::text[], excluded.versions::text[])::text end,
    platforms = case when excluded.platforms in (person_days.platforms, '{}') then person_days.platforms
        else union_of(person_days.platforms::text[], excluded.platforms::text[])::text end,
    countries = case when excluded.countries in (person_days.countries, '{}') then person_days.countries
        else union_of(person_days.countries::text[], excluded.countries::text[])::text end,
    crash_versions = case when excluded.crash_versions in (person_days.crash_versions, '{}') then person_days.crash_versions
        else union_of(person_days.crash_versions::text[], excluded.crash_versions::text[])::text end,
    crash_systems = case when excluded.crash_systems in (person_days.crash_systems, '{}') then person_days.crash_systems
        else union_of(person_days.crash_systems::text[], excluded.crash_systems::text[])::text end
