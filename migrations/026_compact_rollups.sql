-- Rollups in less room.
begin;

-- How much room each rollup took, indexes included, when it was rebuilt last: storage/compaction.py rebuilds what has grown.
create table compacted_tables (
    name         text primary key,
    bytes_a_row  real not null,
    compacted_at timestamptz not null default now()
);

-- active_gaps and people_now once more, with kinds in two bytes and columns and keys in an order that leaves no bytes
-- empty between them. Rows that count nobody stay behind.
create temporary table standing on commit drop as
    select distinct views.oid, views.oid::regclass::text as name, pg_get_viewdef(views.oid) as definition
    from pg_depend join pg_rewrite as rules on rules.oid = pg_depend.objid join pg_class as views on views.oid = ev_class
    where classid = 'pg_rewrite'::regclass and refobjid = 'active_gaps'::regclass;
alter table active_gaps rename to old_active_gaps;
alter table old_active_gaps drop constraint active_gaps_pkey;
drop index active_gaps_first;
create table active_gaps (
    facet   integer not null default 0,
    app_id  smallint not null,
    kind    smallint not null,
    day     date not null,
    gap     integer not null,
    people  bigint not null
);
insert into active_gaps
select facet, app_id, kind, day, gap, people from old_active_gaps
where people <> 0
order by facet, app_id, kind, day, gap;
alter table active_gaps add primary key (facet, app_id, kind, day, gap);
create index active_gaps_first on active_gaps (facet, app_id, kind, day) where gap <= 0;
do $$
declare
    view record;
begin
    for view in select name, definition from standing order by oid loop
        execute format('create or replace view %s as %s', view.name, view.definition);
    end loop;
end $$;
drop table old_active_gaps;

alter table people_now rename to old_people_now;
alter table old_people_now drop constraint people_now_key;
create table people_now (
    people      bigint not null,
    facet       integer not null default 0,
    last_day    date not null,
    app_id      smallint not null,
    departed    boolean not null default false,
    auto_paste  boolean,
    country     text not null
);
insert into people_now
select people, facet, last_day, app_id, departed, auto_paste, country from old_people_now
where people <> 0
order by facet, last_day, app_id;
alter table people_now add constraint people_now_key
    unique nulls not distinct (facet, last_day, app_id, country, auto_paste, departed);
drop table old_people_now;
analyze active_gaps, people_now;

-- Flags end at 1024 and bits of segments at 512. In place: on Citus the table is spread.
drop view held_days;
alter table person_days
    alter flags type smallint,
    alter segments type smallint,
    alter crash_segments type smallint;
create view held_days as
    select app_id, day, user_id, flags, events, crashes, versions::text[] as versions, platforms::text[] as platforms,
           countries::text[] as countries, crash_versions::text[] as crash_versions,
           crash_systems::text[] as crash_systems, segments, crash_segments
    from person_days;

insert into schema_migrations (name) values ('026_compact_rollups');
commit;
