-- Who an anonymous id of an SDK's turned out to be.
begin;

-- An id that somebody has links to itself: it is known to be a person's own, and is never linked to another.
create table person_links (
    app_id     smallint not null,
    anonymous  uuid not null,
    user_id    uuid not null,
    linked_at  timestamptz not null,
    primary key (app_id, anonymous)
);
create index person_links_user_id on person_links (user_id, app_id);

insert into schema_migrations (name) values ('016_person_links');
commit;
