-- The rollups in less room: fewer and smaller indexes, and what is repeated said once.
begin;

-- People by their last sign, by its day: an index of the moment itself gets an entry with each fold, and its pages
-- stay half empty. reports/people sorts those of a day.
drop index users_latest, users_active;
create index users_active_day on users (app_id, ((greatest(last_seen, last_crash) at time zone 'utc')::date));

-- Sessions ------------------------------------------------------------------------------------------

-- A session's id in as few bytes as it takes: most are UUIDs. Empty: a chain of events without one.
create function session_key(session_id text) returns bytea
language sql immutable parallel safe as $$
    select case when session_id = '' then ''::bytea
                when length(session_id) = 36
                     and session_id ~ '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$'
                then '\x01'::bytea || uuid_send(session_id::uuid)
                else '\x00'::bytea || convert_to(session_id, 'UTF8') end
$$;
create function session_text(session_key bytea) returns text
language sql immutable parallel safe as $$
    select case when session_key = '' then ''
                when get_byte(session_key, 0) = 1 then encode(substr(session_key, 2), 'hex')::uuid::text
                else convert_from(substr(session_key, 2), 'UTF8') end
$$;
create function session_hash(session_key bytea) returns integer
language sql immutable parallel safe as $$
    select hashtext(encode(session_key, 'hex'))
$$;

drop view held_sessions;
alter table sessions rename to old_sessions;
create table sessions (
    started_at     timestamptz not null,
    ended_at       timestamptz not null,
    events         integer not null,
    pages          integer not null default 0,
    conversions    integer not null default 0,
    app_id         smallint not null,
    user_id        uuid not null,
    session_key    bytea not null,
    source         text,
    device         text,
    browser        text,
    source_at      timestamptz,
    device_at      timestamptz,
    browser_at     timestamptz
);
insert into sessions
select started_at, ended_at, events, pages, conversions, app_id, user_id, session_key(session_id),
       source, device, browser, source_at, device_at, browser_at
from old_sessions;
drop table old_sessions;
create index sessions_started on sessions (app_id, started_at);
-- In the place of a primary key of twice its size. Only the fold inserts, after it has looked.
create index sessions_of_person on sessions (uuid_hash(user_id), session_hash(session_key), started_at);
-- A row that has no key is named by all that it holds.
alter table sessions replica identity full;
create view held_sessions as select * from sessions;

insert into schema_migrations (name) values ('023_smaller_rollups');
commit;
