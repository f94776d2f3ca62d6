-- Countries of some people of an app: a crash names none, their events do.
-- params: app_id smallint, user_ids uuid[]
-- columns: country text, people bigint
select country, count(*) as people
from users
where app_id = %(app_id)s::smallint and user_id = any (%(user_ids)s::uuid[]) and country is not null
group by country
