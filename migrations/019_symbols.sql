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

-- Stores the crashes that are new, the details of those that have any, and one outbox row that names them, in one
-- statement; bytes are base64 in the JSON. Of those that an upload would name, or whose minidump is to be walked
-- (waits), each has an outbox row of its own, which the fold leaves alone for a minute. A thin one (follows) goes to
-- the heir of its group, or waits as those do that may bring one. Order, lazy answer and why it is a function: as
-- append_events.
create function append_crashes(rows_json json, rows_count integer, person_digest bytea) returns integer[]
language plpgsql as $$
#variable_conflict use_column
declare
    stored_positions integer[];
begin
    with incoming as materialized (
        select item.*, decode(fingerprint, 'base64') as own,
               case when follows then (
                   select heir from group_names as names
                   where (names.app_id, names.fingerprint) = (item.app_id, decode(item.fingerprint, 'base64'))
               ) end as heir,
               waits or (wants is not null and exists (
                   select from artifact_keys as keys where keys.app_id = item.app_id and key = any(wants)
               )) or (follows and exists (
                   select from outbox
                   where held_until is not null and not outbox.follows
                     and (held_app, held_group) = (item.app_id, decode(item.fingerprint, 'base64'))
               )) as is_held
        from json_to_recordset(rows_json) as item (
            position integer, app_id smallint, user_id uuid, timestamp timestamptz, dedupe_key bigint,
            crash_type text, app_version text, os_version text, session_id text, channel text,
            error_message text, stack_trace text, context jsonb,
            fingerprint text, also text[], detail jsonb, wants text[], follows boolean, waits boolean)
    ), held as materialized (
        select distinct on (user_id, timestamp, dedupe_key) user_id, timestamp, dedupe_key, app_id, own, follows
        from incoming
        where is_held and heir is null
        order by user_id, timestamp, dedupe_key, position
    ), stored as (
        insert into crashes (app_id, user_id, timestamp, dedupe_key, crash_type, app_version,
                             os_version, session_id, channel, error_message, stack_trace, context,
                             fingerprint, also)
        select app_id, user_id, timestamp, dedupe_key, crash_type, app_version,
               os_version, session_id, channel, error_message, stack_trace, context,
               coalesce(heir, own),
               case when also is not null or heir is not null then
                   case when heir is not null then array[own] else '{}' end
                   || array(select decode(each, 'base64') from unnest(also) as each) end
        from incoming
        where not exists (select from tombstones)  -- the usual case: not one hash is computed
           or not exists (select from tombstones
                          where person_hash in (sha256(person_digest || uuid_send(user_id)),
                                                sha256(person_digest || uuid_send(user_id) || int2send(app_id)))
                            and timestamp <= erased_at)
        order by user_id, timestamp, dedupe_key
        on conflict do nothing
        returning user_id, timestamp, dedupe_key
    ), detailed as (
        insert into error_details (timestamp, dedupe_key, user_id, app_id, detail, wants)
        select distinct on (user_id, timestamp, dedupe_key) timestamp, dedupe_key, user_id, app_id, detail, wants
        from stored join incoming using (user_id, timestamp, dedupe_key)
        where detail is not null
        order by user_id, timestamp, dedupe_key, position
        on conflict do nothing
    ), queued as (
        insert into outbox (kind, n, user_ids, timestamps, dedupe_keys)
        select 'crash', count(*), array_agg(user_id), array_agg(timestamp), array_agg(dedupe_key)
        from stored
        where (user_id, timestamp, dedupe_key) not in (select user_id, timestamp, dedupe_key from held)
        having count(*) > 0
    ), waiting as (
        insert into outbox (kind, n, user_ids, timestamps, dedupe_keys, held_until, held_app, held_group, follows)
        select 'crash', 1, array[user_id], array[timestamp], array[dedupe_key], now() + interval '60 seconds',
               app_id, own, follows
        from stored join held using (user_id, timestamp, dedupe_key)
    )
    select case when (select count(*) from stored) < rows_count then (
        select coalesce(array_agg(position), '{}')
        from (
            select min(incoming.position) as position
            from stored join incoming using (user_id, timestamp, dedupe_key)
            group by user_id, timestamp, dedupe_key
        ) as new
    ) end
    into stored_positions;
    return stored_positions;
end $$;

-- Stores the events of handled errors that are new, with their details: as append_events, and with those that are held
-- as append_crashes. A thin one keeps what names its own group, if it goes to the heir of that.
create function append_handled(rows_json json, rows_count integer, person_digest bytea) returns integer[]
language plpgsql as $$
#variable_conflict use_column
declare
    stored_positions integer[];
begin
    with incoming as materialized (
        select item.*, decode(properties ->> 'fingerprint', 'hex') as own,
               case when follows then (
                   select heir from group_names as names
                   where (names.app_id, names.fingerprint)
                       = (item.app_id, decode(item.properties ->> 'fingerprint', 'hex'))
               ) end as heir,
               (wants is not null and exists (
                   select from artifact_keys as keys where keys.app_id = item.app_id and key = any(wants)
               )) or (follows and exists (
                   select from outbox
                   where held_until is not null and not outbox.follows
                     and (held_app, held_group) = (item.app_id, decode(item.properties ->> 'fingerprint', 'hex'))
               )) as is_held
        from json_to_recordset(rows_json) as item (
            position integer, app_id smallint, user_id uuid, timestamp timestamptz, dedupe_key bigint,
            event text, app_version text, platform text, country text, session_id text, channel text, properties jsonb,
            detail jsonb, wants text[], follows boolean)
    ), held as materialized (
        select distinct on (user_id, timestamp, dedupe_key) user_id, timestamp, dedupe_key, app_id, own, follows
        from incoming
        where is_held and heir is null
        order by user_id, timestamp, dedupe_key, position
    ), stored as (
        insert into events (app_id, user_id, timestamp, dedupe_key, event, app_version, platform, country, session_id,
                            channel, properties)
        select app_id, user_id, timestamp, dedupe_key, event, app_version, platform, country, session_id, channel,
               case when heir is null then properties else properties || jsonb_build_object(
                   'fingerprint', encode(heir, 'hex'),
                   'also', jsonb_build_array(encode(own, 'hex')) || coalesce(properties -> 'also', '[]')) end
        from incoming
        where not exists (select from tombstones)
           or not exists (select from tombstones
                          where person_hash in (sha256(person_digest || uuid_send(user_id)),
                                                sha256(person_digest || uuid_send(user_id) || int2send(app_id)))
                            and timestamp <= erased_at)
        order by user_id, timestamp, dedupe_key
        on conflict do nothing
        returning user_id, timestamp, dedupe_key
    ), detailed as (
        insert into error_details (timestamp, dedupe_key, user_id, app_id, detail, fingerprint, wants)
        select distinct on (user_id, timestamp, dedupe_key) timestamp, dedupe_key, user_id, app_id, detail, own, wants
        from stored join incoming using (user_id, timestamp, dedupe_key)
        where detail is not null
        order by user_id, timestamp, dedupe_key, position
        on conflict do nothing
    ), queued as (
        insert into outbox (kind, n, user_ids, timestamps, dedupe_keys)
        select 'event', count(*), array_agg(user_id), array_agg(timestamp), array_agg(dedupe_key)
        from stored
        where (user_id, timestamp, dedupe_key) not in (select user_id, timestamp, dedupe_key from held)
        having count(*) > 0
    ), waiting as (
        insert into outbox (kind, n, user_ids, timestamps, dedupe_keys, held_until, held_app, held_group, follows)
        select 'event', 1, array[user_id], array[timestamp], array[dedupe_key], now() + interval '60 seconds',
               app_id, own, follows
        from stored join held using (user_id, timestamp, dedupe_key)
    )
    select case when (select count(*) from stored) < rows_count then (
        select coalesce(array_agg(position), '{}')
        from (
            select min(incoming.position) as position
            from stored join incoming using (user_id, timestamp, dedupe_key)
            group by user_id, timestamp, dedupe_key
        ) as new
    ) end
    into stored_positions;
    return stored_positions;
end $$;

insert into schema_migrations (name) values ('019_symbols');
commit;
