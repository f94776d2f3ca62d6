-- Real names: source maps and native symbols, minidumps, and crashes that wait for them.
begin;

-- A crash that can be mapped waits, at most until held_until, in the outbox itself: so it is in exactly one of
-- outbox and rollups, whatever dies. attempts: how often its mapping was begun. held_app, held_group: whose
-- crash it is, and what it is grouped by so far. follows: it is thin, and goes where those of its group go that have
-- frames.
alter table outbox
    add held_until timestamptz,
    add attempts smallint not null default 0,
    add held_app smallint,
    add held_group bytea,
    add follows boolean not null default false;
create index outbox_held on outbox (held_until) where held_until is not null;
create index outbox_held_group on outbox (held_app, held_group) where held_until is not null;

-- What of uploads would name the frames of a crash: `debug:ID`, `file:RELEASE:NAME` (crashes/wanted.py).
alter table error_details add wants text[];
create index error_details_wants on error_details using gin (wants) where wants is not null;

-- Of a group whose names were minified or missing: the first group that its crashes came to by symbols.
-- Thin crashes, which have no frames to be mapped, go there too.
alter table group_names add heir bytea;

alter table releases add is_archived boolean not null default false;

-- Pieces of files that are being sent, by who sends them; gone a day later.
create table upload_chunks (
    uploader  text not null,
    sha1      bytea not null,
    data      bytea not null,
    at        timestamptz not null default now(),
    primary key (uploader, sha1)
);
alter table upload_chunks alter data set storage external;
create index upload_chunks_age on upload_chunks (at);

-- Whole files that wait to be taken in by a process of its own, and what became of them.
create table uploads (
    upload_id  bigint generated always as identity primary key,
    app_id     smallint not null,
    uploader   text not null,
    kind       text not null check (kind in ('bundle', 'symbols', 'script')),
    sha1       bytea not null,     -- of the first part
    parts      jsonb not null,     -- [{"part": "bundle|symbols|file|map", "name", "bytes", "chunks": [sha1 in hex]}]
    release    text,
    dist       text,
    url        text,
    state      text not null default 'waiting' check (state in ('waiting', 'stored', 'failed')),
    detail     text not null default '',     -- why it failed, a sentence
    stored     jsonb not null default '[]',  -- [{"kind", "debug_id", "url", "bytes"}]
    queued     integer not null default 0,   -- stored crashes that are mapped anew for it
    attempts   smallint not null default 0,
    at         timestamptz not null default now(),
    ended_at   timestamptz
);
create index uploads_waiting on uploads (upload_id) where state = 'waiting';
create index uploads_of on uploads (app_id, sha1);

-- What names come from. Content once an app, in deflated pieces of at most 1 MiB.
create table artifacts (
    artifact_id  bigint generated always as identity primary key,
    app_id       smallint not null,
    kind         text not null check (kind in ('script', 'source_map', 'symcache', 'cfi')),
    sha1         bytea not null,   -- of the content
    debug_id     text not null default '',  -- small letters and dashes; of a PDB with its age
    url          text not null default '',  -- such as ~/assets/app.js
    name         text not null,    -- of the file, without its folder
    map_url      text not null default '',  -- of a script: where it says that its map is
    bytes        bigint not null,  -- of the content
    kept_bytes   bigint not null,  -- as it is stored
    uploaded_at  timestamptz not null default now(),
    used_at      timestamptz,
    uses         bigint not null default 0,
    trouble      text not null default '',  -- why it could not be used the last time, a sentence
    unique (app_id, kind, sha1, debug_id, url)
);
create table artifact_pieces (
    artifact_id  bigint not null,
    n            integer not null,
    data         bytea not null,
    primary key (artifact_id, n)
);
alter table artifact_pieces alter data set storage external;
create table artifact_releases (
    app_id       smallint not null,
    release      text not null,
    dist         text not null default '',
    artifact_id  bigint not null,
    primary key (app_id, release, dist, artifact_id)
);
create index artifact_releases_of on artifact_releases (artifact_id);
-- By which keys of error_details.wants it is found.
create table artifact_keys (
    app_id       smallint not null,
    key          text not null,
    artifact_id  bigint not null,
    primary key (app_id, key, artifact_id)
);
create index artifact_keys_of on artifact_keys (artifact_id);

-- Stored crashes that are mapped anew, as symbols came later. They are folded already.
create table remap_queue (
    kind        text not null check (kind in ('event', 'crash')),
    user_id     uuid not null,
    timestamp   timestamptz not null,
    dedupe_key  bigint not null,
    app_id      smallint not null,
    since       timestamptz not null default now(),
    attempts    smallint not null default 0,
    primary key (user_id, timestamp, dedupe_key)
);
create index remap_queue_age on remap_queue (since);

-- The memory of processes that crashed, and so personal: at most a day, deflated.
create table minidumps (
    user_id     uuid not null,
    timestamp   timestamptz not null,
    dedupe_key  bigint not null,
    app_id      smallint not null,
    dump        bytea not null,
    bytes       integer not null,  -- as it is stored
    at          timestamptz not null default now(),
    walked_at   timestamptz,  -- it stays for symbols that come later
    primary key (user_id, timestamp, dedupe_key)
);
alter table minidumps alter dump set storage external;
create index minidumps_age on minidumps (app_id, at);

insert into schema_migrations (name) values ('019_symbols');
commit;
