-- Apps, events, crashes and the outbox between intake and fold.
-- Runs alone with `psql "$DATABASE_URL" -f migrations/001_initial_schema.sql` as well as at the
-- server's start: the transaction is in the file, and the last statement before the commit records it.
begin;

create table if not exists schema_migrations (
    name        text primary key,
    applied_at  timestamptz not null default now()
);

-- What needs no setting of its own but must be the same on every server, such as generated keys.
create table server_secrets (
    name   text primary key,
    value  text not null
);

create table apps (
    app_id          smallint generated always as identity primary key,
    slug            text not null unique check (slug ~ '^[a-z0-9][a-z0-9-]{0,39}$'),
    kind            text not null check (kind in ('desktop', 'website', 'generator', 'bot')),
    name            text not null check (length(name) between 1 and 100),
    timezone        text not null default 'UTC',
    retention_days  integer check (retention_days between 7 and 36500),  -- null: RETENTION_DAYS
    ingest_key      text not null unique default replace(gen_random_uuid()::text, '-', ''),
    is_default      boolean not null default false,
    created_at      timestamptz not null default now()
);
create unique index apps_default_of_kind on apps (kind) where is_default;

insert into apps (slug, kind, name, is_default) values
    ('desktop', 'desktop', 'Desktop app', true),
    ('website', 'website', 'Website', true),
    ('generator', 'generator', 'Generator', true),
    ('bot', 'bot', 'Bot', true);

-- Columns of fixed width first: no padding between them (8 bytes an event at ten million count).
-- The primary key is a person's timeline and the guard against repeats at once.
create table events (
    timestamp    timestamptz not null,
    dedupe_key   bigint not null,
    received_at  timestamptz not null default now(),
    user_id      uuid not null,
    app_id       smallint not null,
    event        text not null,
    app_version  text,
    platform     text,
    country      text,
    session_id   text,
    properties   jsonb,
    primary key (user_id, timestamp, dedupe_key)
) partition by range (timestamp);
create index events_latest on events (app_id, timestamp);

create table crashes (
    timestamp      timestamptz not null,
    dedupe_key     bigint not null,
    received_at    timestamptz not null default now(),
    user_id        uuid not null,
    app_id         smallint not null,
    crash_type     text not null,
    app_version    text not null,
    os_version     text,
    session_id     text,
    error_message  text not null,
    stack_trace    text,
    context        jsonb,
    primary key (user_id, timestamp, dedupe_key)
) partition by range (timestamp);
create index crashes_latest on crashes (app_id, timestamp);

-- One row per append, naming what it stored. The fold deletes rows here and adds up what they name.
create table outbox (
    id           bigint generated always as identity primary key,
    kind         text not null check (kind in ('event', 'crash')),
    received_at  timestamptz not null default now(),
    n            integer not null,
    user_ids     uuid[] not null,
    timestamps   timestamptz[] not null,
    dedupe_keys  bigint[] not null
);
-- Keys are random: compressing them costs time and saves nothing.
alter table outbox alter user_ids set storage external, alter dedupe_keys set storage external;

-- Months are made ready and attached, never `create … partition of`: that one would wait for every
-- running read and stop every append behind it. Returns whether the month was new.
create function ensure_partition(parent text, month date) returns boolean
language plpgsql as $$
declare
    child text := parent || to_char(month, '_YYYY_MM');
begin
    if to_regclass(quote_ident(child)) is not null then
        return false;
    end if;
    perform pg_advisory_xact_lock(hashtext('stories.partitions'));
    -- Asked of the tables now: to_regclass answers from a cache that waiting does not refresh.
    if exists (select from pg_inherits join pg_class on pg_class.oid = inhrelid
               where inhparent = parent::regclass and relname = child) then
        return false;
    end if;
    execute format('create table %I (like %I including defaults including constraints '
                   'including indexes including storage)', child, parent);
    execute format('alter table %I attach partition %I for values from (%L) to (%L)',
                   parent, child,
                   month::timestamp at time zone 'UTC',
                   (month + interval '1 month')::timestamp at time zone 'UTC');
    return true;
end $$;

insert into schema_migrations (name) values ('001_initial_schema');
commit;
