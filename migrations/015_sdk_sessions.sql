-- Sessions as SDKs count them: an app's own, and how each ended. Nobody is stored with them.
begin;

alter table outbox drop constraint outbox_kind_check;
alter table outbox add constraint outbox_kind_check check (kind in ('event', 'crash', 'session'));

-- A session, or several alike that a server has added up, kept for 30 days. sid: the SDK's id, or a keyed hash of
-- what it sent. status: 0 ok, 1 exited, 2 errored, 3 unhandled, 4 abnormal, 5 crashed; the highest that came.
-- counted_…: as session_days has it, null until it does; the fold adds the difference. No key holds a user_id, so on
-- Citus this is a table of the coordinator.
create table sdk_sessions (
    app_id           smallint not null,
    sid              uuid not null,
    started          timestamptz not null,
    app_version      text collate "C",
    status           smallint not null check (status between 0 and 5),
    sessions         integer not null check (sessions > 0),
    counted_day      date,
    counted_version  text collate "C",
    counted_status   smallint,
    primary key (app_id, sid)
) with (fillfactor = 80);
create index sdk_sessions_started on sdk_sessions using brin (started);

-- Sessions by the day they started on and their version ('': none was sent). Each is in one column at most besides
-- sessions: by its highest status.
create table session_days (
    app_id     smallint not null,
    day        date not null,
    version    text collate "C" not null,
    sessions   bigint not null,
    errored    bigint not null,
    unhandled  bigint not null,
    abnormal   bigint not null,
    crashed    bigint not null,
    primary key (app_id, day, version)
);

insert into schema_migrations (name) values ('015_sdk_sessions');
commit;
