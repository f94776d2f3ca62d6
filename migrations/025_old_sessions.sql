-- Sessions of compressed days leave with their rows: what a chunk of events tells by itself needs no row beside it.
begin;

-- Whether the sessions that lie in this chunk alone have left; those that go on outside of it have their rows still.
alter table event_chunks add sessions_left boolean not null default false;

-- The sessions of some events in the order of a chunk's, as the fold makes them (sql/rollups/new_sessions), if no other
-- events are theirs. Sessions with an id, and chains of events without one.
create function sessions_in(people uuid[], times timestamptz[], uuids uuid[], texts text[], channels text[])
    returns table (user_id uuid, session_key bytea, started_at timestamptz, ended_at timestamptz, events integer)
language sql stable parallel safe rows 300 as $$
    with items as materialized (
        select person, at, uuid, left(text, 100) as text
        from unnest(people, times, uuids, texts, channels) as item (person, at, uuid, text, channel)
        where has_session(person) and channel is distinct from 'debug'
    )
    select person, '\x01'::bytea || uuid_send(uuid), min(at), max(at), count(*)::integer
    from items where uuid is not null
    group by person, uuid
    union all
    select person, session_key(text), min(at), max(at), count(*)::integer
    from items where uuid is null and text <> ''
    group by person, text
    union all
    select person, ''::bytea, min(at), max(at), count(*)::integer
    from (
        select person, at, sum(begins) over (partition by person order by at rows unbounded preceding) as chain
        from (
            select person, at,
                   case when at - lag(at) over (partition by person order by at) < interval '30 minutes' then 0
                        else 1 end as begins
            from items where uuid is null and coalesce(text, '') = ''
        ) as marked
    ) as chained
    group by person, chain
$$;

-- An app's sessions that have left and last at some time from `since` to `until`. None of a website: its pages read
-- the rows, whole months of them.
create function left_sessions_between(app smallint, since timestamptz, until timestamptz)
    returns table (chunk_id bigint, app_id smallint, user_id uuid, session_key bytea, started_at timestamptz,
                   ended_at timestamptz, events integer)
language sql stable parallel safe as $$
    select chunk.chunk_id, chunk.app_id, packed.user_id, packed.session_key, packed.started_at, packed.ended_at,
           packed.events
    from apps join event_chunks as chunk using (app_id) cross join lateral sessions_in(
        chunk.user_ids, chunk.timestamps, chunk.session_uuids, chunk.session_ids, chunk.channels) as packed
    where apps.app_id = app and apps.kind <> 'website' and chunk.sessions_left
      and chunk.last_at >= since and chunk.first_at <= until and chunk.first_at >= month_of(since)
      and packed.ended_at >= since and packed.started_at <= until
      and packed.ended_at >= apps.whole_since::timestamp at time zone apps.timezone
      and packed.user_id not in (select testers.user_id from testers where testers.app_id is null)
      and (chunk.app_id, packed.user_id)
          not in (select testers.app_id, testers.user_id from testers where testers.app_id is not null)
      and not exists (
          select from sessions as held
          where (uuid_hash(held.user_id), session_hash(held.session_key))
              = (uuid_hash(packed.user_id), session_hash(packed.session_key))
            and (held.user_id, held.app_id, held.session_key) = (packed.user_id, chunk.app_id, packed.session_key)
            and (packed.session_key <> ''
                 or held.started_at <= packed.started_at and held.ended_at >= packed.ended_at))
$$;

-- The same of one person, in one app or in all (null), within chunks that hold events from `since` to `until` (null: any).
-- Of a chunk only the person's part is unpacked. Whose row of users is gone is being erased, and their sessions with them.
create function left_sessions_of(person uuid, app smallint, since timestamptz, until timestamptz)
    returns table (app_id smallint, user_id uuid, session_key bytea, started_at timestamptz, ended_at timestamptz,
                   events integer)
language sql stable parallel safe as $$
    select chunk.app_id, packed.user_id, packed.session_key, packed.started_at, packed.ended_at, packed.events
    from apps cross join lateral (
        select held.*, array_positions(held.user_ids, person) as places
        from event_chunks as held
        where held.app_id = apps.app_id and held.first_user <= person and held.last_user >= person
          and held.sessions_left and held.last_at >= coalesce(since, '-infinity')
          and held.first_at <= coalesce(until, 'infinity') and held.first_at >= month_of(coalesce(since, '-infinity'))
        offset 0
    ) as chunk cross join lateral (
        select places[1] as first, places[cardinality(places)] as last
    ) as part cross join lateral sessions_in(
        user_ids[first:last], timestamps[first:last], session_uuids[first:last], session_ids[first:last],
        channels[first:last]) as packed
    where (app is null or apps.app_id = app) and apps.kind <> 'website' and first is not null
      and packed.ended_at >= apps.whole_since::timestamp at time zone apps.timezone
      and (not is_person(person) or exists (
          select from users where (users.user_id, users.app_id) = (person, apps.app_id)))
      and person not in (select testers.user_id from testers where testers.app_id is null)
      and (apps.app_id, person)
          not in (select testers.app_id, testers.user_id from testers where testers.app_id is not null)
      and not exists (
          select from sessions as held
          where (uuid_hash(held.user_id), session_hash(held.session_key))
              = (uuid_hash(person), session_hash(packed.session_key))
            and (held.user_id, held.app_id, held.session_key) = (person, apps.app_id, packed.session_key)
            and (packed.session_key <> ''
                 or held.started_at <= packed.started_at and held.ended_at >= packed.ended_at))
$$;

-- Which sessions with an id have left, for the fold: a new id may have been used before, at any time. Of each a mark of
-- four bytes: 16 bits of its hash and the day on which it began. A mark too many costs the fold a look into a chunk.
create table session_marks (
    bucket  integer primary key,
    marks   integer[] not null
) with (fillfactor = 90);
create function session_place(user_id uuid, session_key bytea) returns integer
language sql immutable parallel safe as $$
    select uuid_hash(user_id) # session_hash(session_key)
$$;
create function session_bucket(place integer) returns integer
language sql immutable parallel safe as $$
    select place & 16383
$$;
create function session_tag(place integer) returns integer
language sql immutable parallel safe as $$
    select (place >> 14) & 65535
$$;
create function session_mark(place integer, day date) returns integer
language sql immutable parallel safe as $$
    select (session_tag(place) << 16) | ((day - date '1900-01-01') & 65535)
$$;
create function session_mark_day(mark integer) returns date
language sql immutable parallel safe as $$
    select date '1900-01-01' + (mark & 65535)
$$;

insert into schema_migrations (name) values ('025_old_sessions');
commit;
