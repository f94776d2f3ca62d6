-- Links ids of an app to people.
-- params: app_id smallint, ids uuid[], people uuid[], linked_at timestamptz
-- columns: none
insert into person_links (app_id, anonymous, user_id, linked_at)
select %(app_id)s::smallint, anonymous, user_id, %(linked_at)s
from unnest(%(ids)s::uuid[], %(people)s::uuid[]) as new (anonymous, user_id)
on conflict do nothing
