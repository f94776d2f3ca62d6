-- What SDKs of others bring: people whom an app knows by an id of its own, and events of nobody.
begin;

-- 010 said when people met a group last, to the moment; it is the start of their day, in databases of before too.
update group_people as met
set last_at = (met.last_at at time zone timezone)::date::timestamp at time zone timezone
from apps
where apps.app_id = met.app_id
  and met.last_at <> (met.last_at at time zone timezone)::date::timestamp at time zone timezone;

-- How an id of an app's own becomes a person: keyed with PERSON_KEY, or, where people are counted already,
-- as before. Ids of desktop apps are UUIDs and stand for themselves either way.
alter table apps add person_ids text not null default 'keyed' check (person_ids in ('keyed', 'plain'));
update apps set person_ids = 'plain'
where kind <> 'desktop'
  and (exists (select from events where events.app_id = apps.app_id)
       or exists (select from daily_events where daily_events.app_id = apps.app_id)
       or exists (select from testers where testers.app_id = apps.app_id));

-- Whether a user_id is somebody. Some SDKs send sessions without a person, and servers neither: their ids begin
-- as no UUID does (models.nobody), and are counted among events, sessions and crashes, never among people.
create function is_person(user_id uuid) returns boolean
language sql immutable parallel safe as $$
    select user_id < 'ffffffff-ffff-ffff-0000-000000000000'::uuid
$$;

-- Whether anything of nobody has come, so that pages say what their numbers of people leave out.
alter table apps add has_nobody boolean not null default false;

-- Whether events of a user_id make sessions: of nobody at all (models.NOBODY) they would be one without an end.
create function has_session(user_id uuid) returns boolean
language sql immutable parallel safe as $$
    select user_id <> 'ffffffff-ffff-ffff-0000-000000000000'::uuid
$$;

-- The events and crashes that answers about people read: `facts` and `crash_facts` without those of nobody.
create view facts_of_people as select * from facts where is_person(user_id);
create view crash_facts_of_people as select * from crash_facts where is_person(user_id);

-- What the maker calls events and properties, for people to read: {"events": {name: text}, "properties": {…}}.
alter table apps add long_names jsonb not null default '{"events": {}, "properties": {}}';

insert into schema_migrations (name) values ('014_sdks');
commit;
