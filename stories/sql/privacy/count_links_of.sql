-- How many ids are linked to each of some people.
-- params: app_id smallint, people uuid[]
-- columns: user_id uuid, links integer
select user_id, count(*)::integer as links
from person_links
where app_id = %(app_id)s and user_id = any(%(people)s::uuid[])
group by user_id
