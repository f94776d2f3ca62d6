-- Websites, generators and bots: what is particular to an app, bots' content, images, and the ledger of
-- what was left out.
begin;

alter table apps
    -- page views by path prefix, for the website's funnel
    add funnel jsonb not null default
        '{"vertical_views": "/verticals/", "pricing_views": "/pricing", "demo_views": "/demo"}',
    -- events beyond the kind's catalogue: {name: {property: {"type": …, "values": […]}}}
    add events jsonb not null default '{}',
    -- days that a bot's messages and images are kept; shorter than its events
    add content_days integer not null default 90 check (content_days between 1 and 36500),
    -- whether the hash of an address changes every day (then nobody is known tomorrow)
    add hash_rotation text not null default 'never' check (hash_rotation in ('never', 'daily'));

alter table sessions add source text, add device text, add browser text;
create index users_active on users (app_id, greatest(last_seen, last_crash), user_id);
create index sessions_ended on sessions (app_id, ended_at);

-- What people and bots wrote to each other: content, never in rollups or logs.
create table contents (
    timestamp        timestamptz not null,
    dedupe_key       bigint not null,
    user_id          uuid not null,
    app_id           smallint not null,
    message          text,
    prompt           text,
    negative_prompt  text,
    primary key (user_id, timestamp, dedupe_key)
);
create index contents_age on contents (app_id, timestamp);

-- Images of bots: the queue and what became of it. state: waiting (source_url or data still to be
-- stored), stored (image_url says where), failed (reason says why; tried no more).
create table images (
    timestamp     timestamptz not null,
    dedupe_key    bigint not null,
    user_id       uuid not null,
    app_id        smallint not null,
    image_id      uuid not null default gen_random_uuid(),
    state         text not null default 'waiting' check (state in ('waiting', 'stored', 'failed')),
    source_url    text,
    data          bytea,
    content_type  text,
    image_url     text,
    remote_id     text,
    attempts      integer not null default 0,
    next_try      timestamptz not null default now(),
    reason        text,
    primary key (user_id, timestamp, dedupe_key)
);
create index images_waiting on images (next_try) where state = 'waiting';
create index images_by_id on images (image_id);
create index images_age on images (app_id, timestamp);

-- Stored images whose person or time is up: deleted at the store, then here.
create table image_deletions (
    image_id   uuid primary key,
    remote_id  text,
    next_try   timestamptz not null default now(),
    attempts   integer not null default 0
);

-- The id that an app itself has for a person, for the kinds that need it back.
create table external_ids (
    app_id       smallint not null,
    user_id      uuid not null,
    external_id  text not null,
    primary key (user_id, app_id)
);
alter table users drop column external_id;

-- The latest name of a label, such as a persona's.
create table label_names (
    app_id    smallint not null,
    property  text not null,
    label     text not null,
    name      text not null,
    named_at  timestamptz not null,
    primary key (app_id, property, label)
);

-- What was not stored, and why, by day (UTC): no consent, a crawler, each refusal's code.
create table drops (
    day     date not null,
    app_id  smallint not null,
    reason  text not null,
    n       bigint not null,
    primary key (day, app_id, reason)
);

insert into schema_migrations (name) values ('004_kinds');
commit;
