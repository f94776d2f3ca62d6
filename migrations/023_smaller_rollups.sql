-- The rollups in less room: fewer and smaller indexes, and what is repeated said once.
begin;

-- People by the day (UTC) of their last sign: an index of the moment itself gets an entry with each fold, and its
-- pages stay half empty. A column, since what changes a column that an index computes with touches all indexes.
drop index users_latest, users_active;
alter table users add active_day date;
-- Rewritten instead of updated, which would leave each row twice.
alter table users
    alter active_day type date using (greatest(last_seen, last_crash) at time zone 'utc')::date;
create index users_active_day on users (app_id, active_day);
create or replace view held_people as select * from users;

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
drop index sessions_started, sessions_ended;
alter table sessions add ended_day date;  -- UTC, as users.active_day
alter table sessions
    drop constraint sessions_pkey,
    alter session_id type bytea using session_key(session_id),
    alter ended_day type date using (ended_at at time zone 'utc')::date,
    alter ended_day set not null;
alter table sessions rename session_id to session_key;
create index sessions_started_day on sessions (app_id, ((started_at at time zone 'utc')::date));
create index sessions_ended_day on sessions (app_id, ended_day);
-- In the place of a primary key of twice its size. Only the fold inserts, after it has looked.
create index sessions_of_person on sessions (uuid_hash(user_id), session_hash(session_key), started_at);
-- A row that has no key is named by all that it holds.
alter table sessions replica identity full;
create view held_sessions as select * from sessions;

-- People's days -------------------------------------------------------------------------------------

-- Arrays as text: nearly all hold one value or none, and 21 bytes say of an array how it is made.
drop view held_days;
alter table person_days
    alter versions type text using versions::text,
    alter platforms type text using platforms::text,
    alter countries type text using countries::text,
    alter crash_versions type text using crash_versions::text,
    alter crash_systems type text using crash_systems::text;
create view held_days as
    select app_id, day, user_id, flags, events, crashes, versions::text[] as versions, platforms::text[] as platforms,
           countries::text[] as countries, crash_versions::text[] as crash_versions,
           crash_systems::text[] as crash_systems, segments, crash_segments
    from person_days;

-- Series --------------------------------------------------------------------------------------------

-- What is counted by day, of an event, a label or a number under a dimension's value: said once. property and label
-- are empty for events, label for numbers.
create sequence series_ids;
create table series (
    series_id  integer primary key default nextval('series_ids'),
    app_id     smallint not null,
    dim        text not null,
    value      text not null,
    event      text not null,
    property   text not null default '',
    label      text not null default '',
    unique (app_id, dim, value, event, property, label)
);
alter sequence series_ids owned by series.series_id;
insert into series (app_id, dim, value, event, property, label)
select app_id, dim, value, event, property, label
from (
    select app_id, dim, value, event, '' as property, '' as label from daily_events
    union
    select app_id, dim, value, event, property, label from daily_values
    union
    select app_id, dim, value, event, property, '' from daily_numbers
) as named
order by app_id, dim, value, event, property, label;
analyze series;

-- A histogram is its buckets in order, followed by their counts: two fifths of what JSON takes.
create function buckets_of(histogram integer[]) returns table (bucket integer, n integer)
language sql immutable parallel safe as $$
    select * from unnest(histogram[:cardinality(histogram) / 2], histogram[cardinality(histogram) / 2 + 1:])
$$;
-- In order here, since an aggregate in order cannot be hashed.
create function histogram_of(buckets integer[], counts integer[]) returns integer[]
language sql immutable parallel safe as $$
    select coalesce(array_agg(bucket order by bucket) || array_agg(n order by bucket), '{}')
    from unnest(buckets, counts) as each (bucket, n)
$$;
create function add_histograms(a integer[], b integer[]) returns integer[]
language sql immutable parallel safe as $$
    select coalesce(array_agg(bucket order by bucket) || array_agg(n order by bucket), '{}')
    from (
        select bucket, sum(n)::integer as n
        from (select * from buckets_of(a) union all select * from buckets_of(b)) as both_sides
        group by bucket
    ) as summed
$$;
create function histogram_of(counts jsonb) returns integer[]
language sql immutable parallel safe as $$
    select coalesce(array_agg(key::integer order by key::integer) || array_agg(value::integer order by key::integer), '{}')
    from jsonb_each_text(counts)
$$;
drop function add_counts(jsonb, jsonb);

create table event_series (
    series_id  integer not null,
    day        date not null,
    n          bigint not null
);
create table value_series (like event_series);
create table number_series (
    series_id  integer not null,
    day        date not null,
    n          bigint not null,
    total      numeric not null,
    least      numeric not null,
    most       numeric not null,
    histogram  integer[] not null
);
insert into event_series
select series_id, day, n
from daily_events join (select * from series where property = '' and label = '') as series
    using (app_id, dim, value, event)
order by day, series_id;
insert into value_series
select series_id, day, n
from daily_values join series using (app_id, dim, value, event, property, label)
order by day, series_id;
insert into number_series
select series_id, day, n, total, least, most, histogram_of(histogram)
from daily_numbers join (select * from series where label = '') as series
    using (app_id, dim, value, event, property)
order by day, series_id;
alter table departed_daily_numbers alter column histogram type integer[] using histogram_of(histogram);
alter table event_series add primary key (series_id, day);
alter table value_series add primary key (series_id, day);
alter table number_series add primary key (series_id, day);

-- The tables of before are views now, and what stood upon them stands upon these.
create temporary table standing on commit drop as
    select distinct views.oid, views.oid::regclass::text as name, pg_get_viewdef(views.oid) as definition
    from pg_depend join pg_rewrite as rules on rules.oid = pg_depend.objid join pg_class as views on views.oid = ev_class
    where classid = 'pg_rewrite'::regclass
      and refobjid in ('daily_events'::regclass, 'daily_values'::regclass, 'daily_numbers'::regclass);
alter table daily_events rename to old_daily_events;
alter table daily_values rename to old_daily_values;
alter table daily_numbers rename to old_daily_numbers;
create view daily_events as
    select app_id, day, dim, value, event, n from event_series join series using (series_id);
create view daily_values as
    select app_id, day, dim, value, event, property, label, n from value_series join series using (series_id);
create view daily_numbers as
    select app_id, day, dim, value, event, property, n, total, least, most, histogram
    from number_series join series using (series_id);
do $$
declare
    view record;
begin
    for view in select name, definition from standing order by oid loop
        execute format('create or replace view %s as %s', view.name, view.definition);
    end loop;
end $$;
drop function histogram_of(jsonb);
drop table old_daily_events, old_daily_values, old_daily_numbers;

-- As recount_exchange, for the tables that the daily views join with series.
create function recount_exchange_series(name text, since date, until date) returns void language plpgsql as $$
declare
    app record;
begin
    for app in
        select app_id, greatest(whole_since, since) as first,
               array(select day from sealed_days as days
                     where days.app_id = apps.app_id and is_sealed(days.app_id, day)) as sealed
        from apps
    loop
        execute format('delete from public.%I where day between $2 and $3 and day <> all ($4)
                        and series_id in (select series_id from public.series where app_id = $1)', name)
            using app.app_id, app.first, until, app.sealed;
        execute format('insert into public.%1$I select * from pg_temp.%1$I
                        where day between $2 and $3 and day <> all ($4)
                          and series_id in (select series_id from pg_temp.series where app_id = $1)', name)
            using app.app_id, app.first, until, app.sealed;
    end loop;
end $$;

insert into schema_migrations (name) values ('023_smaller_rollups');
commit;
