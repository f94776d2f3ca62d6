-- Rollups: what the fold keeps so that no answer scans events. docs/ARCHITECTURE.md tells how they work.
-- Days are calendar days in the app's timezone. Tables without people are kept for good; those with
-- people (users, person_days, sessions) expire and are erased with their events.
begin;

-- Counted nowhere. app_id null: in every app (EXCLUDED_USER_IDS seeds these).
create table testers (
    app_id   smallint,
    user_id  uuid not null,
    unique nulls not distinct (app_id, user_id)
);

-- dim/value: 'none'/'', or 'version', 'platform', 'country' with the events' own value ('' if absent is
-- not kept): one filter at a time.
create table daily_events (
    app_id  smallint not null,
    day     date not null,
    dim     text not null,
    value   text not null,
    event   text not null,
    n       bigint not null,
    primary key (app_id, dim, value, day, event)
);

-- Countable properties with few values (enum, boolean, label). label '' is "absent or not text".
create table daily_values (
    app_id    smallint not null,
    day       date not null,
    dim       text not null,
    value     text not null,
    event     text not null,
    property  text not null,
    label     text not null,
    n         bigint not null,
    primary key (app_id, dim, value, day, event, property, label)
);

-- Countable numbers, and the derived `duration` and `cost`. histogram: bucket -> count; bucket b > 0
-- holds values in (1.04^(b-1), 1.04^b] thousandths, bucket 0 those up to a thousandth.
create table daily_numbers (
    app_id     smallint not null,
    day        date not null,
    dim        text not null,
    value      text not null,
    event      text not null,
    property   text not null,
    n          bigint not null,
    total      numeric not null,
    least      numeric not null,
    most       numeric not null,
    histogram  jsonb not null,
    primary key (app_id, dim, value, day, event, property)
);

create table daily_crashes (
    app_id      smallint not null,
    day         date not null,
    dim         text not null,
    value       text not null,
    crash_type  text not null,
    n           bigint not null,
    primary key (app_id, dim, value, day, crash_type)
);

-- Labels seen per property, up to a cap; what comes after it counts as "other".
create table known_labels (
    app_id    smallint not null,
    event     text not null,
    property  text not null,
    label     text not null,
    primary key (app_id, event, property, label)
);

-- Distinct people over any range of days. A person active on `day` was active `gap` days before for the
-- last time (0: never before). People of the days a..b are those whose first day in the range has its
-- predecessor before a: sum(people) where day in a..b and (gap = 0 or gap > day - a).
-- kind: a bit of person_days.flags, or 0 for any activity.
create table active_gaps (
    app_id  smallint not null,
    kind    integer not null,
    day     date not null,
    gap     integer not null,
    people  bigint not null,
    primary key (app_id, kind, day, gap)
);

-- departed: people whose own rows have expired or been erased since; the sums never change by that.
create table lifetimes (
    app_id     smallint not null,
    first_day  date not null,
    last_day   date not null,
    departed   boolean not null default false,
    people     bigint not null,
    primary key (app_id, first_day, last_day, departed)
);

create table cohort_weeks (
    app_id      smallint not null,
    first_week  date not null,
    week        date not null,
    departed    boolean not null default false,
    people      bigint not null,
    primary key (app_id, first_week, week, departed)
);

-- People by their last day with an event and their state as of now. country '': none named;
-- auto_paste null: never toggled.
create table people_now (
    app_id      smallint not null,
    last_day    date not null,
    country     text not null,
    auto_paste  boolean,
    departed    boolean not null default false,
    people      bigint not null,
    unique nulls not distinct (app_id, last_day, country, auto_paste, departed)
);

create table daily_sessions (
    app_id    smallint not null,
    day       date not null,
    sessions  bigint not null,
    seconds   numeric not null,
    primary key (app_id, day)
);

-- People -----------------------------------------------------------------------------------------

create table users (
    app_id         smallint not null,
    user_id        uuid not null,
    first_seen     timestamptz,          -- events only, as last_seen
    last_seen      timestamptz,
    first_day      date,
    last_day       date,
    first_crash    timestamptz,
    last_crash     timestamptz,
    app_version    text,
    version_at     timestamptz,
    platform       text,
    platform_at    timestamptz,
    country        text,
    country_at     timestamptz,
    auto_paste     boolean,
    auto_paste_at  timestamptz,
    events         bigint not null default 0,
    crashes        bigint not null default 0,
    counts         jsonb not null default '{}',  -- event -> how many
    external_id    text,                 -- only for kinds that need it back
    primary key (user_id, app_id)
);
create index users_latest on users (app_id, last_seen);
create index users_last_day on users (app_id, last_day);
create index users_first_crash on users (app_id, first_crash) where first_crash is not null;

-- flags: 1 an event, 2 a crash, further bits as catalogue.FLAGS says.
create table person_days (
    app_id          smallint not null,
    day             date not null,
    user_id         uuid not null,
    flags           integer not null,
    events          integer not null,
    crashes         integer not null,
    versions        text[] not null,
    platforms       text[] not null,
    countries       text[] not null,
    crash_versions  text[] not null,
    crash_systems   text[] not null,
    primary key (user_id, app_id, day)
);
create index person_days_day on person_days (app_id, day);

-- session_id '': a chain of events without one, each less than 30 minutes after the one before.
create table sessions (
    app_id       smallint not null,
    user_id      uuid not null,
    session_id   text not null,
    started_at   timestamptz not null,
    ended_at     timestamptz not null,
    events       integer not null,
    pages        integer not null default 0,
    conversions  integer not null default 0,
    primary key (user_id, app_id, session_id, started_at)
);
create index sessions_started on sessions (app_id, started_at);

-- The fold's own books ----------------------------------------------------------------------------

-- Events and crashes that broke the fold, found by bisecting; counted nowhere until a rebuild.
create table set_aside (
    kind        text not null,
    user_id     uuid not null,
    timestamp   timestamptz not null,
    dedupe_key  bigint not null,
    reason      text not null,
    at          timestamptz not null default now(),
    primary key (user_id, timestamp, dedupe_key, kind)
);

-- Days that have lost events to expiry or erasure: late events still fold in, rebuild and check leave
-- them alone.
create table sealed_days (
    app_id  smallint not null,
    day     date not null,
    primary key (app_id, day)
);

-- Erased people: a keyed hash and the time, so that what an old client still has queued stays out.
create table tombstones (
    person_hash  bytea primary key,
    erased_at    timestamptz not null
);

create table jobs (
    name         text primary key,
    started_at   timestamptz,
    seconds      double precision,
    last_error   text,
    error_at     timestamptz,
    result       jsonb
);

-- Raised by every fold that changed something: answers may be cached per generation.
create table fold_state (
    only_row     boolean primary key default true check (only_row),
    generation   bigint not null default 0,
    folded_at    timestamptz not null default now()
);
insert into fold_state default values;

-- Sums two objects of counts, such as histograms: {"1": 2} + {"1": 1, "3": 1} = {"1": 3, "3": 1}.
create function add_counts(a jsonb, b jsonb) returns jsonb
language sql immutable parallel safe as $$
    select coalesce(jsonb_object_agg(key, n), '{}')
    from (
        select key, sum(value::bigint) as n
        from (select * from jsonb_each_text(a) union all select * from jsonb_each_text(b)) as both_sides
        group by key
    ) as summed
$$;

-- A property's number as METRICS.md counts it: finite, 0 or more, within what intake takes; else null.
create function countable_number(v jsonb) returns numeric
language sql immutable parallel safe as $$
    select case when jsonb_typeof(v) = 'number' and v::numeric between 0 and 1e12 then v::numeric end
$$;

-- See daily_numbers.histogram.
create function histogram_bucket(v numeric) returns integer
language sql immutable parallel safe as $$
    select case when v > 0.001 then ceil(ln((v * 1000)::float8) / ln(1.04::float8))::integer else 0 end
$$;

create function union_of(a text[], b text[]) returns text[]
language sql immutable parallel safe as $$
    select case when a @> b then a when b @> a then b else (
        select array_agg(distinct item) from unnest(a || b) as item
    ) end
$$;

-- The first day whose events are all still held: what lies before has expired, at least in part.
alter table apps add whole_since date not null default '-infinity';

create function is_sealed(app smallint, at date) returns boolean
language sql stable parallel safe as $$
    select exists (select from sealed_days where (app_id, day) = (app, at))
        or at < (select whole_since from apps where app_id = app)
$$;

create function is_tester(app smallint, person uuid) returns boolean
language sql stable parallel safe as $$
    select exists (select from testers where user_id = person and (app_id = app or app_id is null))
$$;

-- A recount makes temporary tables of the rollups' names, which the fold's statements then fill from
-- nothing. These two compare and exchange: by_day, only days of since..until that are not sealed;
-- amount, the column whose zero rows mean nothing.
create function recount_differences(name text, by_day boolean, amount text, since date, until date)
returns setof jsonb language plpgsql as $$
declare
    wanted text := case when by_day
        then format('day between %L and %L and not is_sealed(app_id, day)', since, until)
        else 'true' end || case when amount <> '' then format(' and %I <> 0', amount) else '' end;
begin
    return query execute format(
        'select jsonb_build_object(''kept'', to_jsonb(kept), ''recounted'', null)
         from (select * from public.%1$I where %2$s except select * from pg_temp.%1$I where %2$s) as kept
         union all
         select jsonb_build_object(''kept'', null, ''recounted'', to_jsonb(recounted))
         from (select * from pg_temp.%1$I where %2$s except select * from public.%1$I where %2$s)
             as recounted', name, wanted);
end $$;

create function recount_exchange(name text, by_day boolean, since date, until date)
returns void language plpgsql as $$
declare
    wanted text := case when by_day
        then format('day between %L and %L and not is_sealed(app_id, day)', since, until)
        else 'true' end;
begin
    execute format('delete from public.%I where %s', name, wanted);
    execute format('insert into public.%1$I select * from pg_temp.%1$I where %2$s', name, wanted);
end $$;

-- Takes a month away; returns how many rows it held. Counted before the locks: nothing is added to so
-- old a month any more, and every append waits while they are held.
create function drop_partition(parent text, child text) returns bigint
language plpgsql as $$
declare
    held bigint;
begin
    perform pg_advisory_xact_lock(hashtext('stories.partitions'));
    if to_regclass(quote_ident(child)) is null then
        return 0;  -- another process has dropped it
    end if;
    execute format('select count(*) from %I', child) into held;
    execute format('lock table only %I in access exclusive mode', parent);
    execute format('alter table %I detach partition %I', parent, child);
    execute format('drop table %I', child);
    return held;
end $$;

insert into schema_migrations (name) values ('002_rollups');
commit;
