-- On Citus: what is held of the people of `slice`, in the place of the views of these names.
-- params: none
-- columns: none
drop table if exists pg_temp.held_people, pg_temp.held_days, pg_temp.held_sessions;
create temporary table held_people on commit drop as
    select people.*
    from users as people
    join (select distinct app_id, user_id from slice) as touched using (user_id, app_id);
create temporary table held_days on commit drop as
    select days.app_id, day, days.user_id, flags, events, crashes, versions::text[] as versions,
           platforms::text[] as platforms, countries::text[] as countries,
           crash_versions::text[] as crash_versions, crash_systems::text[] as crash_systems, segments, crash_segments
    from person_days as days
    join (select distinct app_id, user_id from slice) as touched using (user_id, app_id);
create temporary table held_sessions on commit drop as
    select sessions.*
    from sessions
    join (select distinct app_id, user_id, session_key(coalesce(session_id, '')) as session_key
          from slice where kind = 'event') as touched using (user_id, app_id, session_key);
create index on held_people (user_id, app_id);
create index on held_days (user_id, app_id, day);
create index on held_sessions (uuid_hash(user_id), session_hash(session_key), started_at);
analyze held_people, held_days, held_sessions;
