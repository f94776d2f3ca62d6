-- Old events in chunks: each column of up to 2,000 events is one array, which PostgreSQL compresses.
-- Chunks are changed by whoever holds the fold's lock, and by nobody else; an append never changes one.
begin;

-- Of one app, in the order of person, time and key; within a month of UTC. An array is null where no event of
-- the chunk has a value. session_uuids holds the session ids where all are UUIDs as PostgreSQL writes them.
-- A migration that adds a column to events adds one here, and to the functions below.
create sequence event_chunks_id;
create table event_chunks (
    first_at       timestamptz not null,
    last_at        timestamptz not null,
    chunk_id       bigint not null default nextval('event_chunks_id'),
    n              integer not null,
    app_id         smallint not null,
    first_user     uuid not null,
    last_user      uuid not null,
    user_ids       uuid[] not null,
    timestamps     timestamptz[] not null,
    dedupe_keys    bigint[] not null,
    received_ats   timestamptz[] not null,
    event_names    text[] not null,
    app_versions   text[],
    platforms      text[],
    countries      text[],
    session_uuids  uuid[],
    session_ids    text[],
    channels       text[],
    properties     jsonb[]
) partition by range (first_at);
create index event_chunks_latest on event_chunks (app_id, last_at);
create index event_chunks_people on event_chunks (app_id, first_user, last_user);
-- Keys are random: compressing them costs time and saves nothing.
alter table event_chunks alter dedupe_keys set storage external;

-- Texts as UUIDs; null where one of them is not as PostgreSQL writes a UUID, which would come out otherwise. To try
-- is three times as fast as to look at each text first.
create function as_uuids(texts text[]) returns uuid[]
language plpgsql immutable as $$
declare
    uuids uuid[];
begin
    uuids := texts::uuid[];
    return case when uuids::text[] = texts then uuids end;
exception when invalid_text_representation then
    return null;
end $$;

-- Every event that is in a chunk, with its chunk's bounds. Whoever reads this names the app and a span of time:
-- nothing else keeps all chunks from being unpacked.
create view unpacked_events as
select item.timestamp, item.dedupe_key, item.received_at, item.user_id, chunk.app_id, item.event,
       item.app_version, item.platform, item.country,
       coalesce(item.session_uuid::text, item.session_id) as session_id, item.properties, item.channel,
       chunk.chunk_id, chunk.first_at, chunk.last_at
from event_chunks as chunk cross join lateral unnest(
    chunk.timestamps, chunk.dedupe_keys, chunk.received_ats, chunk.user_ids, chunk.event_names,
    chunk.app_versions, chunk.platforms, chunk.countries, chunk.session_uuids, chunk.session_ids,
    chunk.properties, chunk.channels
) as item (timestamp, dedupe_key, received_at, user_id, event, app_version, platform, country,
           session_uuid, session_id, properties, channel);

-- The first moment of a month of UTC; immutable, so that the planner leaves months out by it.
create function month_of(at timestamptz) returns timestamptz
language sql immutable parallel safe as $$
    select date_trunc('month', at at time zone 'UTC') at time zone 'UTC'
$$;

-- An app's events from `since` to `until`, both inclusive (null: without an end), whether they are rows or in
-- chunks. The planner puts the function's query into the caller's.
create function events_between(app smallint, since timestamptz, until timestamptz) returns setof events
language sql stable parallel safe as $$
    select timestamp, dedupe_key, received_at, user_id, app_id, event, app_version, platform, country,
           session_id, properties, channel
    from events
    where app_id = app and timestamp >= coalesce(since, '-infinity') and timestamp <= coalesce(until, 'infinity')
    union all
    select timestamp, dedupe_key, received_at, user_id, app_id, event, app_version, platform, country,
           session_id, properties, channel
    from unpacked_events
    where app_id = app and timestamp >= coalesce(since, '-infinity') and timestamp <= coalesce(until, 'infinity')
      and last_at >= coalesce(since, '-infinity') and first_at <= coalesce(until, 'infinity')
      and first_at >= month_of(coalesce(since, '-infinity'))
$$;

-- A person's events, in one app or in all (null), whether they are rows or in chunks. Of a chunk only the
-- person's part is unpacked.
create function events_of(person uuid, app smallint) returns setof events
language sql stable parallel safe as $$
    select timestamp, dedupe_key, received_at, user_id, app_id, event, app_version, platform, country,
           session_id, properties, channel
    from events
    where user_id = person and (app is null or app_id = app)
    union all
    select item.timestamp, item.dedupe_key, item.received_at, person, chunk.app_id, item.event,
           item.app_version, item.platform, item.country,
           coalesce(item.session_uuid::text, item.session_id), item.properties, item.channel
    from apps cross join lateral (
        select held.*, array_positions(held.user_ids, person) as places
        from event_chunks as held
        where held.app_id = apps.app_id and held.first_user <= person and held.last_user >= person
        offset 0
    ) as chunk cross join lateral (
        select places[1] as first, places[cardinality(places)] as last
    ) as part cross join lateral unnest(
        timestamps[first:last], dedupe_keys[first:last], received_ats[first:last], event_names[first:last],
        app_versions[first:last], platforms[first:last], countries[first:last], session_uuids[first:last],
        session_ids[first:last], chunk.properties[first:last], channels[first:last]
    ) as item (timestamp, dedupe_key, received_at, event, app_version, platform, country,
               session_uuid, session_id, properties, channel)
    where (app is null or apps.app_id = app) and first is not null
$$;

-- An app's latest events, the latest first.
create function latest_events(app smallint, most integer) returns setof events
language sql stable parallel safe as $$
    with newest as materialized (
        select * from events where app_id = app order by timestamp desc limit most
    ), needed as materialized (  -- the chunks that hold so many events, and those beside them
        select min(first_at) as since
        from (
            select first_at, sum(n) over (order by last_at desc, chunk_id) - n as before
            from event_chunks
            where app_id = app
              and last_at >= coalesce((select min(timestamp) from newest having count(*) >= most), '-infinity')
        ) as chunks
        where before < most
    )
    select *
    from (
        select * from newest
        union all
        select timestamp, dedupe_key, received_at, user_id, app_id, event, app_version, platform, country,
               session_id, properties, channel
        from unpacked_events
        where app_id = app and last_at >= (select since from needed) and timestamp >= (select since from needed)
    ) as both_kinds
    order by timestamp desc
    limit most
$$;

-- The places of those among some keys, each of an app, that are in a chunk: of a chunk the columns of its keys
-- are read, and nothing else.
create function places_in_chunks(app_ids smallint[], people uuid[], times timestamptz[], keys bigint[])
    returns setof bigint
language sql stable parallel safe rows 10 as $$
    select sent.place
    from unnest(app_ids, people, times, keys) with ordinality as sent (app, person, at, key, place)
    where exists (
        select from event_chunks as chunk
        where chunk.app_id = sent.app and chunk.first_user <= sent.person and chunk.last_user >= sent.person
          and chunk.first_at <= sent.at and chunk.last_at >= sent.at and chunk.first_at >= month_of(sent.at)
          and exists (
              select from unnest(array_positions(chunk.dedupe_keys, sent.key)) as position
              where chunk.user_ids[position] = sent.person and chunk.timestamps[position] = sent.at
          )
    )
$$;

-- Whether a chunk of this month or a later one holds an event of a person and an app.
create function in_chunks(person uuid, app smallint, since timestamptz) returns boolean
language sql stable parallel safe as $$
    select exists (select from event_chunks
                   where app_id = app and first_user <= person and last_user >= person and first_at >= since
                     and person = any (user_ids))
$$;

-- The views `facts` (012) and `facts_of_people` (014) of a span, as events_between has it. The views have rows
-- alone: they are for Citus, where nothing is compressed (database.on_citus).
create function facts_between(app smallint, since timestamptz, until timestamptz)
    returns table (app_id smallint, user_id uuid, "timestamp" timestamptz, dedupe_key bigint, day date, event text,
                   app_version text, platform text, country text, session_id text, channel text,
                   properties jsonb, received_at timestamptz)
language sql stable parallel safe as $$
    select events.app_id, events.user_id, events.timestamp, events.dedupe_key,
           (events.timestamp at time zone apps.timezone)::date as day, events.event, events.app_version,
           events.platform, events.country, events.session_id, events.channel, events.properties,
           events.received_at
    from events_between(app, since, until) as events join apps on apps.app_id = events.app_id
    where events.user_id not in (select testers.user_id from testers where testers.app_id is null)
      and (events.app_id, events.user_id)
          not in (select testers.app_id, testers.user_id from testers where testers.app_id is not null)
$$;
create function facts_of_people_between(app smallint, since timestamptz, until timestamptz)
    returns table (app_id smallint, user_id uuid, "timestamp" timestamptz, dedupe_key bigint, day date, event text,
                   app_version text, platform text, country text, session_id text, channel text,
                   properties jsonb, received_at timestamptz)
language sql stable parallel safe as $$
    select * from facts_between(app, since, until) as facts where is_person(facts.user_id)
$$;

-- As append_events (012), for rows of which some are older than what compression leaves alone. The events go in
-- first; what a chunk holds already goes out again in a later statement, whose snapshot sees every chunk that was
-- made of rows which the first one did not find; then the rest is named to the fold. To ask first would store
-- an event twice that is compressed in between.
create function append_late_events(rows_json json, rows_count integer, person_digest bytea)
    returns integer[]
language plpgsql as $$
#variable_conflict use_column
declare
    app_ids smallint[];
    people uuid[];
    times timestamptz[];
    keys bigint[];
    repeated bigint[];
    stored_positions integer[];
begin
    with incoming as materialized (
        select * from json_to_recordset(rows_json) as item (
            position integer, app_id smallint, user_id uuid, timestamp timestamptz, dedupe_key bigint,
            event text, app_version text, platform text, country text, session_id text, channel text,
            properties jsonb, claim bigint)
    ), claimed as (
        insert into claims (claim, timestamp)
        select claim, min(timestamp) from incoming where claim is not null group by claim order by claim
        on conflict do nothing
        returning claim, timestamp
    ), stored as (
        insert into events (app_id, user_id, timestamp, dedupe_key, event,
                            app_version, platform, country, session_id, channel, properties)
        select app_id, user_id, timestamp, dedupe_key, event,
               app_version, platform, country, session_id, channel, properties
        from incoming
        where (not exists (select from tombstones)
               or not exists (select from tombstones
                              where person_hash in (sha256(person_digest || uuid_send(user_id)),
                                                    sha256(person_digest || uuid_send(user_id) || int2send(app_id)))
                                and timestamp <= erased_at))
          and (claim is null or (claim, timestamp) in (select claim, timestamp from claimed))
        order by user_id, timestamp, dedupe_key
        on conflict do nothing
        returning app_id, user_id, timestamp, dedupe_key
    )
    select array_agg(app_id), array_agg(user_id), array_agg(timestamp), array_agg(dedupe_key)
    into app_ids, people, times, keys
    from stored;

    select array_agg(place) into repeated from places_in_chunks(app_ids, people, times, keys) as place;
    if repeated is not null then
        delete from events
        using unnest(people, times, keys) with ordinality as late (user_id, timestamp, dedupe_key, place)
        where late.place = any (repeated)
          and (events.user_id, events.timestamp, events.dedupe_key)
            = (late.user_id, late.timestamp, late.dedupe_key);
    end if;

    insert into outbox (kind, n, user_ids, timestamps, dedupe_keys)
    select 'event', count(*), array_agg(user_id), array_agg(timestamp), array_agg(dedupe_key)
    from unnest(people, times, keys) with ordinality as late (user_id, timestamp, dedupe_key, place)
    where repeated is null or late.place <> all (repeated)
    having count(*) > 0;

    select coalesce(array_agg(position), '{}') into stored_positions
    from (
        select min(item.position) as position
        from unnest(people, times, keys) with ordinality as late (user_id, timestamp, dedupe_key, place)
        join json_to_recordset(rows_json) as item (position integer, user_id uuid, timestamp timestamptz,
                                                   dedupe_key bigint)
            using (user_id, timestamp, dedupe_key)
        where repeated is null or late.place <> all (repeated)
        group by user_id, timestamp, dedupe_key
    ) as new;
    return case when cardinality(stored_positions) < rows_count then stored_positions end;
end $$;

-- As 002 has it; of a month of chunks the events in them are counted.
create or replace function drop_partition(parent text, child text) returns bigint
language plpgsql as $$
declare
    held bigint;
begin
    perform pg_advisory_xact_lock(hashtext('stories.partitions'));
    if to_regclass(quote_ident(child)) is null then
        return 0;  -- another process has dropped it
    end if;
    execute format('select coalesce(sum(%s), 0) from %I',
                   case parent when 'event_chunks' then 'n' else '1' end, child) into held;
    execute format('lock table only %I in access exclusive mode', parent);
    execute format('alter table %I detach partition %I', parent, child);
    execute format('drop table %I', child);
    return held;
end $$;

insert into schema_migrations (name) values ('021_compression');
commit;
