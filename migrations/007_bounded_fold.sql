-- Bounds on what strangers can make of the rollups: how many different values of a day are counted by
-- their own name, and what the counts of erased people leave behind, so that their days stay checkable.
begin;

-- Which values of an app's day are counted by their own name; all others of the day count as "other".
-- event '': a dimension (property 'version', 'platform' or 'country'); else a label of that event.
-- n: people of a dimension's value, events of a label; values used on earlier days go first.
-- A value 'other' says that the day is full: nothing new is admitted to it, whatever the setting says now.
create table kept_values (
    app_id    smallint not null,
    event     text not null,
    property  text not null,
    day       date not null,
    value     text not null,
    n         bigint not null default 0,
    primary key (app_id, event, property, day, value)
);

-- What has been counted so far keeps its name. Every part is a range of a primary key.
insert into kept_values (app_id, event, property, day, value, n)
select app_id, '', dim, day, value, sum(n)
from (
    select counted.app_id, counted.dim, counted.day, counted.value, counted.n
    from apps, (values ('version'), ('platform'), ('country')) as dims (dim), lateral (
        select * from daily_events where daily_events.app_id = apps.app_id and daily_events.dim = dims.dim
    ) as counted
    union all
    select counted.app_id, counted.dim, counted.day, counted.value, counted.n
    from apps, (values ('version'), ('platform')) as dims (dim), lateral (
        select * from daily_crashes where daily_crashes.app_id = apps.app_id and daily_crashes.dim = dims.dim
    ) as counted
) as both_kinds
where value <> 'other'
group by app_id, dim, day, value;

-- A label was "other" where 200 were known already.
insert into kept_values (app_id, event, property, day, value, n)
select counted.app_id, counted.event, counted.property, counted.day, counted.label, counted.n
from apps, lateral (
    select * from daily_values
    where daily_values.app_id = apps.app_id and dim = 'none' and value = ''
      and label not in ('', 'true', 'false')
) as counted
where label <> 'other'
   or (select count(*) from known_labels
       where (known_labels.app_id, known_labels.event, known_labels.property)
           = (counted.app_id, counted.event, counted.property)) >= 200;

drop table known_labels;

-- Of whom only a name of a bot's persona was wanted.
delete from label_names using apps where apps.app_id = label_names.app_id and apps.kind <> 'bot';

-- When the first event of a session that names a source, device or browser came; null: with its first.
alter table sessions
    add source_at timestamptz, add device_at timestamptz, add browser_at timestamptz;

-- What erased people have left in the daily rollups: a recount starts from these.
create table departed_daily_events (like daily_events including all);
create table departed_daily_values (like daily_values including all);
create table departed_daily_numbers (like daily_numbers including all);
create table departed_daily_crashes (like daily_crashes including all);
create table departed_daily_sessions (like daily_sessions including all);
create table departed_active_gaps (like active_gaps including all);

-- carried: the day has lost people, and what they left is in the departed tables: it can be checked still.
alter table sealed_days add carried boolean not null default false;

create or replace function is_sealed(app smallint, at date) returns boolean
language sql stable parallel safe as $$
    select exists (select from sealed_days where (app_id, day) = (app, at) and not carried)
        or at < (select whole_since from apps where app_id = app)
$$;

-- Until now the moment of the erasure. Clients' clocks may be a day ahead, so what is dated up to a day
-- later may be from before it, too.
comment on column tombstones.erased_at is 'a day after the erasure: nothing dated up to then is taken in';
update tombstones set erased_at = erased_at + interval '1 day';

insert into schema_migrations (name) values ('007_bounded_fold');
commit;
