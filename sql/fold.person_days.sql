-- What each person did on each day.
-- params: none
-- columns: none
insert into person_days (app_id, day, user_id, flags, events, crashes, versions, platforms,
                         countries, crash_versions, crash_systems)
select app_id, day, user_id, flags, events, crashes, versions, platforms,
       countries, crash_versions, crash_systems
from new_days
on conflict (user_id, app_id, day) do update set
    flags = person_days.flags | excluded.flags,
    events = person_days.events + excluded.events,
    crashes = person_days.crashes + excluded.crashes,
    versions = union_of(person_days.versions, excluded.versions),
    platforms = union_of(person_days.platforms, excluded.platforms),
    countries = union_of(person_days.countries, excluded.countries),
    crash_versions = union_of(person_days.crash_versions, excluded.crash_versions),
    crash_systems = union_of(person_days.crash_systems, excluded.crash_systems)
