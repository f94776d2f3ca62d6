-- Who may see what: people, their sessions, API tokens, share links, and the log of what they did.
-- An account_id of null is the login of DASHBOARD_USERNAME, which has no row.
begin;

create table accounts (
    account_id integer generated always as identity primary key,
    name text not null check (length(name) between 1 and 100),
    role text not null check (role in ('owner', 'editor', 'viewer')),
    app_ids smallint[],  -- null: every app
    password text,  -- Argon2id, with its salt and cost; null before the first invitation is used
    invite_digest bytea,  -- of the one-time link
    invite_until timestamptz,
    created_at timestamptz not null default now()
);
create unique index accounts_name on accounts (lower(name));

create table account_sessions (
    token_digest bytea primary key,
    account_id integer,
    credential bytea,  -- of DASHBOARD_USERNAME's session: ties it to the name and password of then
    expires_at timestamptz not null
);
create index account_sessions_account on account_sessions (account_id);

create table api_tokens (
    token_id integer generated always as identity primary key,
    token_digest bytea not null unique,
    name text not null check (length(name) between 1 and 100),
    scopes text[] not null,
    app_id smallint,  -- null: every app of its maker
    account_id integer,  -- its maker
    created_at timestamptz not null default now(),
    expires_at timestamptz,
    used_at timestamptz
);

create table share_links (
    link_id text primary key,
    secret_digest bytea not null,
    name text not null check (length(name) between 1 and 100),
    app_id smallint not null,
    page text not null,
    question jsonb not null,
    password text,
    frame_sites text[] not null,
    account_id integer,  -- its maker
    created_at timestamptz not null default now(),
    expires_at timestamptz,
    used_at timestamptz
);

create table audit_log (
    entry_id bigint generated always as identity primary key,
    at timestamptz not null,
    account_id integer,
    actor text not null,
    action text not null,
    subject text,
    app text
);
create index audit_log_at on audit_log (at);

insert into schema_migrations (name) values ('009_accounts');
commit;
