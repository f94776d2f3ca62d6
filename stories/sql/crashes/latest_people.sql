-- The people whom an issue hit last, `limit` of them at most.
-- params: issue_id bigint, limit integer
-- columns: user_id uuid
select distinct user_id
from (
    select hit.user_id
    from groups cross join lateral (
        select user_id, last_at from group_people
        where (group_people.app_id, group_people.fingerprint) = (groups.app_id, groups.fingerprint)
        order by last_at desc
        limit %(limit)s
    ) as hit
    where issue_id = %(issue_id)s::bigint
    order by hit.last_at desc
    limit %(limit)s
) as latest
