-- Open apps take events that nobody has declared; what is declared later is counted back.
begin;

-- Apps from before this migration keep to what they have declared; new ones are open.
alter table apps add accepts text not null default 'declared' check (accepts in ('open', 'declared'));
alter table apps alter accepts set default 'open';

-- Undeclared names that an open app has taken. Holds nothing of a person.
create table event_names (
    app_id      smallint not null,
    event       text not null,
    first_seen  date not null,  -- by the server's clock, in UTC
    last_seen   date not null,
    primary key (app_id, event)
);

-- Days that are to be counted again since the app has declared something, the newest first.
create table counting_back (
    app_id        smallint primary key,
    first_day     date not null,
    last_day      date not null,
    next_day      date not null,  -- before first_day: done
    requested_at  timestamptz not null default now()
);

insert into schema_migrations (name) values ('011_open_apps');
commit;
