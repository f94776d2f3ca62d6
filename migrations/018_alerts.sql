-- What the server says of itself: rules that watch numbers, where messages go, the queue of messages, reports
-- by mail, and notes on charts.
begin;

-- Where messages go. address and secret are never shown again.
create table destinations (
    destination_id integer generated always as identity primary key,
    name           text not null unique,
    kind           text not null check (kind in ('email', 'service', 'webhook')),
    address        text not null,
    secret         text not null default '',
    created_by     text not null,
    created_at     timestamptz not null default now(),
    last_sent_at   timestamptz,
    last_error     text
);

-- app_id: null is the server itself. settings: of the kind (stories/alerts/rules.py). told_at: when it last said
-- something of many subjects.
create table alert_rules (
    rule_id         integer generated always as identity primary key,
    app_id          smallint,
    name            text not null,
    kind            text not null,
    settings        jsonb not null default '{}',
    destination_ids integer[] not null default '{}',
    for_minutes     integer not null default 0,
    is_on           boolean not null default true,
    looked_at       timestamptz,
    told_at         timestamptz,
    last_error      text,
    created_by      text not null,
    created_at      timestamptz not null default now()
);

-- How a rule's subjects are now: '' for the rule itself, or one of many that it watches, such as an issue.
-- is_told: whether its firing has been said. snoozed_until: the year
-- 9999 is until it is resolved.
create table alert_states (
    rule_id       integer not null,
    subject       text not null default '',
    state         text not null check (state in ('ok', 'pending', 'firing', 'resolved')),
    since         timestamptz not null,
    is_told       boolean not null default false,
    snoozed_until timestamptz,
    value         double precision,
    normal        double precision,
    text          text not null default '',
    link          text not null default '',
    primary key (rule_id, subject)
);

create table alert_log (
    entry_id bigint generated always as identity primary key,
    rule_id  integer not null,
    app_id   smallint,
    subject  text not null,
    state    text not null,
    at       timestamptz not null,
    value    double precision,
    normal   double precision,
    text     text not null
);
create index alert_log_at on alert_log (at);

-- The queue. once: what makes it one message, whatever is restarted. content: what is to be said, rendered when
-- it is sent. answer: what came back, of one that was sent.
create table messages (
    message_id     uuid primary key default gen_random_uuid(),
    destination_id integer not null,
    kind           text not null check (kind in ('firing', 'resolved', 'report', 'test')),
    once           text not null unique,
    content        jsonb not null,
    created_at     timestamptz not null default now(),
    due_at         timestamptz not null default now(),
    attempts       integer not null default 0,
    claimed_until  timestamptz,
    sent_at        timestamptz,
    answer         text,
    failed_at      timestamptz,
    last_error     text
);
create index messages_due on messages (due_at) where sent_at is null and failed_at is null;
create index messages_created on messages (created_at);

-- with_storage: what the server's disk holds too; set where who made it may see all of the server.
create table report_subscriptions (
    subscription_id integer generated always as identity primary key,
    app_id          smallint not null,
    destination_id  integer not null,
    every           text not null check (every in ('day', 'week', 'month')),
    with_storage    boolean not null default false,
    unsubscribe_key text not null unique,
    created_by      text not null,
    created_at      timestamptz not null default now(),
    unique (app_id, destination_id, every)
);

-- app_id: null is on the charts of every app.
create table annotations (
    annotation_id integer generated always as identity primary key,
    app_id        smallint,
    at            timestamptz not null,
    text          text not null,
    created_by    text not null,
    created_at    timestamptz not null default now()
);
create index annotations_at on annotations (at);

-- What the database took at the beginning of each day, for a forecast.
create table database_sizes (
    day   date primary key,
    bytes bigint not null
);

-- When a job's last run ended: one whose last run failed is told from one that has begun again since.
alter table jobs add column ended_at timestamptz;

insert into schema_migrations (name) values ('018_alerts');
commit;
