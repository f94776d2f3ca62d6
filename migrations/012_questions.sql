-- What makers ask of their own: conditions on events, segments, key numbers, saved questions, cohorts.
begin;

-- Which build an event or a crash came from. Null: release. Those of `debug` are kept and counted nowhere.
alter table events add channel text;
alter table crashes add channel text;
create or replace view held_events as select * from events;
create or replace view held_crashes as select * from crashes;

-- Patterns of the files and modules that are an app's own code, or are not, and those that it had before, the
-- latest first: what they would have grouped a crash by is known for longer than they hold.
alter table apps
    add grouping jsonb not null default '{"in_app": [], "not_in_app": []}',
    add former_groupings jsonb not null default '[]';

-- As 006 has it, with the channel.
create or replace function append_events(rows_json json, rows_count integer, person_digest bytea)
    returns integer[]
language plpgsql as $$
#variable_conflict use_column
declare
    stored_positions integer[];
begin
    with incoming as materialized (
        select * from json_to_recordset(rows_json) as item (
            position integer, app_id smallint, user_id uuid, timestamp timestamptz, dedupe_key bigint,
            event text, app_version text, platform text, country text, session_id text, channel text,
            properties jsonb, claim bigint)
    ), claimed as (  -- whoever is second waits for the first's commit, and gets nothing
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
        where (not exists (select from tombstones)  -- the usual case: not one hash is computed
               or not exists (select from tombstones
                              where person_hash in (sha256(person_digest || uuid_send(user_id)),
                                                    sha256(person_digest || uuid_send(user_id) || int2send(app_id)))
                                and timestamp <= erased_at))
          and (claim is null or (claim, timestamp) in (select claim, timestamp from claimed))
        order by user_id, timestamp, dedupe_key
        on conflict do nothing
        returning user_id, timestamp, dedupe_key
    ), queued as (
        insert into outbox (kind, n, user_ids, timestamps, dedupe_keys)
        select 'event', count(*), array_agg(user_id), array_agg(timestamp), array_agg(dedupe_key)
        from stored
        having count(*) > 0
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

-- The family of a platform as clients name it, darwin-24.6.0, Windows 11 or linux; null where none is named.
create function platform_family(platform text) returns text
language sql immutable parallel safe as $$
    select case
        when platform is null or platform = '' then null
        when platform ~* '^(darwin|mac|osx)' then 'macOS'
        when platform ~* '^win' then 'Windows'
        when platform ~* '^android' then 'Android'
        when platform ~* '^(ios|ipados|iphone|ipad)' then 'iOS'
        when platform ~* '^(linux|ubuntu|debian|fedora|centos|rhel|arch|manjaro|mint|alpine|suse|opensuse)' then 'Linux'
        else 'other'
    end
$$;

-- The events that answers read: testers' left out, each with its day in its app's timezone. Those of debug
-- builds are in it: stories/reports/conditions.py leaves them out unless they are asked for.
create view facts as
select events.app_id, events.user_id, events.timestamp, events.dedupe_key,
       (events.timestamp at time zone apps.timezone)::date as day, events.event, events.app_version,
       events.platform, events.country, events.session_id, events.channel, events.properties,
       events.received_at
from events join apps using (app_id)
where events.user_id not in (select user_id from testers where app_id is null)
  and (events.app_id, events.user_id)
      not in (select app_id, user_id from testers where app_id is not null);

-- The crashes that answers read, likewise.
create view crash_facts as
select crashes.app_id, crashes.user_id, crashes.timestamp, crashes.dedupe_key,
       (crashes.timestamp at time zone apps.timezone)::date as day, crashes.crash_type, crashes.app_version,
       crashes.os_version, crashes.channel, crashes.fingerprint
from crashes join apps using (app_id)
where crashes.user_id not in (select user_id from testers where app_id is null)
  and (crashes.app_id, crashes.user_id)
      not in (select app_id, user_id from testers where app_id is not null);

-- What a property says as a label ('': it is absent or no text), for the fold and for answers from the events;
-- null where it says nothing, as a boolean that is none.
create function label_of(type text, item jsonb) returns text
language sql immutable parallel safe as $$
    select case when type is null or type = 'boolean' and jsonb_typeof(item) is distinct from 'boolean' then null
                when type = 'boolean' or jsonb_typeof(item) = 'string' then item #>> '{}'
                else '' end
$$;

-- Whether an event says that it failed; what does not say so succeeded.
create function is_successful(success jsonb) returns boolean
language sql immutable parallel safe as $$
    select success is distinct from 'false'::jsonb
$$;

-- The first of two values that is a countable number. It is given values that were taken from their properties
-- before: each of them is looked at several times.
create function number_of(first jsonb, second jsonb) returns numeric
language sql immutable parallel safe as $$
    select coalesce(countable_number(first), countable_number(second))
$$;

-- Whether a label may be counted by its own name: not too long, without control characters or what scrubbing left.
create function is_plain_label(label text) returns boolean
language sql immutable parallel safe as $$
    select label ~ '^[^[:cntrl:]]{1,100}$' and label !~ '\[(secret|email|ip)\]'
$$;

-- Conditions that the fold counts by, like a version. place: its bit in person_days, at most ten an app.
-- filter: a list of "field:operator:value". Days up to filled_until are counted, later ones are not yet;
-- infinity: all of them.
create table segments (
    segment_id    integer generated always as identity primary key,
    app_id        smallint not null,
    place         smallint not null check (place between 0 and 9),
    name          text not null check (length(name) between 1 and 60),
    filter        jsonb not null,
    filled_until  date not null default '-infinity',
    created_at    timestamptz not null default now(),
    unique (app_id, place),
    unique (app_id, name)
);

-- Numbers that an app's makers look at first. value: of a share, what the property must be.
-- filter: as a segment's.
create table key_numbers (
    key_number_id  integer generated always as identity primary key,
    app_id         smallint not null,
    place          smallint not null,
    name           text not null check (length(name) between 1 and 60),
    measure        text not null check (measure in
        ('events', 'people', 'sum', 'average', 'median', 'p95', 'share')),
    event          text not null,
    property       text,
    value          text,
    segment_id     integer,
    created_at     timestamptz not null default now(),
    unique (app_id, name)
);

-- Questions with a name. report: which page asks it; question: its parameters, {name: [values]}.
create table saved_questions (
    saved_id    integer generated always as identity primary key,
    app_id      smallint not null,
    report      text not null check (report in ('explore', 'funnel', 'retention', 'experiment')),
    name        text not null check (length(name) between 1 and 60),
    question    jsonb not null,
    is_pinned   boolean not null default false,
    created_at  timestamptz not null default now(),
    unique (app_id, report, name)
);

-- Lists of people by what they are and did, found anew whenever they are used: no person is named in it.
create table saved_cohorts (
    cohort_id   integer generated always as identity primary key,
    app_id      smallint not null,
    name        text not null check (length(name) between 1 and 60),
    definition  jsonb not null,
    created_at  timestamptz not null default now(),
    unique (app_id, name)
);

-- Which groups a version met, for lists of issues: a look into group_days for each of 2,000 groups was twice
-- the rest of the list.
create index group_days_versions on group_days (app_id, value, fingerprint) where dim = 'version';

insert into schema_migrations (name) values ('012_questions');
commit;
