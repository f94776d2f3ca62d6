-- Who of some ids of an app is linked, and to whom; whoever is known is linked to itself.
-- params: app_id smallint, ids uuid[]
-- columns: anonymous uuid, user_id uuid
select anonymous, user_id
from person_links
where app_id = %(app_id)s and anonymous = any(%(ids)s::uuid[])
