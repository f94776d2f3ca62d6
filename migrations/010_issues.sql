-- Crashes become issues: a fingerprint groups crashes of one fault, an issue is a set of groups with a
-- state. Counts belong to groups, so that merging and unmerging is a change of one column.
begin;

alter table crashes
    add fingerprint bytea,  -- 16 bytes (crashes/grouping.py); null: from before this migration, until the job `regroup`
    add also bytea[];       -- fingerprints of older algorithms, or its own where that was one too many in a storm
create index crashes_of_group on crashes (app_id, fingerprint, timestamp);
-- Those that are stored whole: of a group at most a few hundred, among any number of thin ones.
create index crashes_kept on crashes (app_id, fingerprint, timestamp)
    where stack_trace is not null or context is not null;

create or replace view held_crashes as select * from crashes;

-- What is kept of a crash or a handled error beside its row: frames that an SDK sent, and of a handled
-- error, which has no row in crashes, its message and stack.
create table error_details (
    timestamp   timestamptz not null,
    dedupe_key  bigint not null,
    user_id     uuid not null,
    app_id      smallint not null,
    detail      jsonb not null,
    fingerprint bytea,  -- of a handled error; of a crash its row has it
    primary key (user_id, timestamp, dedupe_key)
);
create index error_details_age on error_details (app_id, timestamp);
create index error_details_handled on error_details (app_id, fingerprint, timestamp)
    where fingerprint is not null;

-- What a fingerprint stands for, written with its first crash. Holds nothing of a person.
create table group_names (
    app_id       smallint not null,
    fingerprint  bytea not null,
    title        text not null,
    culprit      text not null,
    crash_type   text not null,
    raw          boolean not null,  -- names of functions are minified, or missing
    handled      boolean not null,  -- its first was a handled error
    why          text[] not null,   -- the parts of the fingerprint, to be read
    keys         text[] not null,   -- file:function of its stack, for the search
    named_at     timestamptz not null default now(),
    primary key (app_id, fingerprint)
);
create index group_names_age on group_names (app_id, named_at);

-- The order of versions: numbers by value, 1.2 = 1.2.0, a pre-release before its release, a commit counted
-- after its tag (1.2.0-5-gabc1234) behind it; a name before @ and build metadata are ignored. null: no
-- numbers to go by (a commit, "nightly").
create function version_key(version text) returns text language sql immutable parallel safe as $$
    with bare as (
        select regexp_replace(regexp_replace(version, '^.*@', ''), '\+.*$', '') as v
    ), dashed as (  -- Python writes 1.2.0rc1
        select regexp_replace(
            v, '^([vV]?\d+(?:\.\d+)+)\.?((?:a|b|c|rc|dev|alpha|beta|pre)\.?\d*)$', '\1-\2') as v
        from bare
    ), split as (
        select substring(v from '^[vV]?(\d{1,9}(?:\.\d{1,9}){0,3})(?![0-9a-zA-Z.])') as numbers,
               substring(v from '-(\d{1,9})-g[0-9a-f]{4,40}$') as commits,
               regexp_replace(v, '-\d{1,9}-g[0-9a-f]{4,40}$', '') as v
        from dashed
    ), parts as (
        select string_to_array(numbers, '.') as n, commits,
               substring(v from '^[vV]?[\d.]+[-_]([0-9A-Za-z._-]+)$') as pre
        from split
    )
    select case when n is not null then (
        select string_agg(lpad(coalesce(n[i], '0'), 9, '0'), '.' order by i) from generate_series(1, 4) as i
    ) || case when pre is null then '~' else '-' || coalesce((
        select string_agg(case when p ~ '^\d{1,9}$' then lpad(p, 9, '0') else lower(p) end, '.' order by i)
        from regexp_matches(pre, '\d{1,9}|[A-Za-z]+', 'g') with ordinality as found (m, i),
             lateral (select m[1] as p) as part), '') || '!' end
        || case when commits is null then '' else lpad(commits, 9, '0') end
    end collate "C" from parts
$$;

-- Versions of an app: by themselves as their first event or crash is folded, or marked by POST /releases.
create table releases (
    app_id       smallint not null,
    version      text not null,
    version_key  text collate "C",
    first_seen   timestamptz,  -- null: marked, nothing of it arrived yet
    released_at  timestamptz,  -- as marked
    url          text,         -- as marked
    primary key (app_id, version)
);

-- Whether version a comes strictly before b. Versions with numbers go by them, whenever they arrived;
-- others by when they were released or first seen; what is not known yet is still to come.
create function version_before(app smallint, a text, b text) returns boolean language sql stable as $$
    select case
        when version_key(a) is not null and version_key(b) is not null then version_key(a) < version_key(b)
        else coalesce((
            select coalesce(released_at, first_seen) from releases where (app_id, version) = (app, a)
        ), 'infinity') < coalesce((
            select coalesce(released_at, first_seen) from releases where (app_id, version) = (app, b)
        ), 'infinity')
    end
$$;

-- The number of an app's newest issue, so that none is given twice, whatever is deleted.
alter table apps add last_issue integer not null default 0;

create table issues (
    issue_id       bigint generated always as identity primary key,
    app_id         smallint not null,
    number         integer not null,      -- shown as desktop-17
    title          text not null,
    culprit        text not null,
    crash_type     text not null,
    raw            boolean not null,
    handled        boolean not null,      -- holds handled errors only
    state          text not null check (state in ('open', 'resolved', 'muted')),
    because        text not null check (because in ('new', 'regressed', 'back', 'seen', 'reopened')),
    since          timestamptz not null,  -- of state and because
    fixed          text check (fixed in ('now', 'in', 'after')),
    fixed_version  text,                  -- in: not before it; after: the newest known when it was resolved
    mute           text check (mute in ('forever', 'until', 'crashes', 'per_hour', 'people')),
    mute_value     bigint,
    mute_until     timestamptz,
    mute_from      bigint,                -- n or people when it was muted
    first_seen     timestamptz not null,
    last_seen      timestamptz not null,
    first_version  text,
    last_version   text,
    n              bigint not null default 0,   -- sums over its groups
    people         bigint not null default 0,   -- distinct over its groups, and their people_gone
    note           text not null default '',
    merged_into    bigint,                -- another issue has its groups
    unique (app_id, number)
);
create index issues_list on issues (app_id, state, last_seen);

create table groups (
    app_id        smallint not null,
    fingerprint   bytea not null,
    issue_id      bigint not null,
    home_id       bigint not null,  -- the issue it was born into, or unmerged to
    heir          bytea,            -- of a raw group: the group with symbols that continues it
    first_seen    timestamptz not null,
    last_seen     timestamptz not null,
    first_version text,             -- of its first crash
    last_version  text,
    handled       boolean not null default false,  -- holds handled errors only
    n             bigint not null default 0,
    people_gone   bigint not null default 0,  -- erased or expired: no row in group_people any more
    primary key (app_id, fingerprint)
);
create index groups_of_issue on groups (issue_id);

-- Crashes by the day they happened. dim: none, version, platform.
create table group_days (
    app_id       smallint not null,
    fingerprint  bytea not null,
    dim          text not null,
    value        text not null,
    day          date not null,
    n            bigint not null,
    primary key (app_id, fingerprint, dim, value, day)
);
create table departed_group_days (like group_days including all);

-- Crashes by the hour they arrived, of the last two weeks.
create table group_hours (
    app_id       smallint not null,
    fingerprint  bytea not null,
    hour         timestamptz not null,
    n            bigint not null,
    primary key (app_id, fingerprint, hour)
);
create index group_hours_age on group_hours (app_id, hour);
create table departed_group_hours (like group_hours including all);

create table group_people (
    user_id      uuid not null,
    app_id       smallint not null,
    fingerprint  bytea not null,
    last_at      timestamptz not null,  -- start of the day, by the app
    n            bigint not null,
    primary key (user_id, app_id, fingerprint)
);
create index group_people_of on group_people (app_id, fingerprint, last_at) include (user_id);

-- The totals that a recount compares.
create view group_counts as select app_id, fingerprint, n from groups;
create view issue_counts as select issue_id, app_id, number, n, people from issues;

-- What happened to an issue, by whom and why: its history, what undo restores, and what alerts read.
create table issue_log (
    entry_id  bigint generated always as identity primary key,
    issue_id  bigint not null,
    at        timestamptz not null,
    what      text not null,
    who       text not null,
    detail    jsonb not null default '{}',
    undone    boolean not null default false
);
create index issue_log_of on issue_log (issue_id, entry_id);

alter table jobs add note text not null default '';  -- how far a long job is

insert into schema_migrations (name) values ('010_issues');
commit;
