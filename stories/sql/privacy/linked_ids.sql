-- The ids of one person, in one app or in each: all that are linked to whom an id is linked to, that one last.
-- params: user_id uuid, app_id smallint
-- columns: app_id smallint, own_id uuid, is_person boolean
select app_id, anonymous as own_id, anonymous = user_id as is_person
from person_links
where (app_id, user_id) in (
    select app_id, user_id from person_links
    where anonymous = %(user_id)s::uuid
      and (%(app_id)s::smallint is null or app_id = %(app_id)s::smallint)
)
order by is_person, app_id, own_id
