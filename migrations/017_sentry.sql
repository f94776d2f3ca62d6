-- What Sentry's SDKs bring: feedback about a crash, and environments of which nothing is kept.
begin;

-- Of feedback: the keys that what it is about may have, as a crash and as a handled error.
alter table contents add about bigint[];
create index contents_about on contents using gin (about) where about is not null;

-- Environments of SDKs (in small letters) that are left out: people who work on an app are not its users.
alter table apps add ignored_environments text[] not null default '{development,dev,test,local}';

insert into schema_migrations (name) values ('017_sentry');
commit;
