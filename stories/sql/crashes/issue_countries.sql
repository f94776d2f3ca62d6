-- Where the people are whom an issue hit last: a crash names no country, its person's events do.
-- '' is none. `limit` people are looked at.
-- params: issue_id bigint, limit integer
-- columns: country text, people bigint
select coalesce(users.country, '') as country, count(*) as people
from (
    select distinct app_id, user_id
    from (
        select hit.app_id, hit.user_id
        from groups cross join lateral (
            select app_id, user_id, last_at from group_people
            where (group_people.app_id, group_people.fingerprint) = (groups.app_id, groups.fingerprint)
            order by last_at desc
            limit %(limit)s
        ) as hit
        where issue_id = %(issue_id)s::bigint
        order by hit.last_at desc
        limit %(limit)s
    ) as latest
) as hit left join users using (user_id, app_id)
group by 1
order by people desc, country
