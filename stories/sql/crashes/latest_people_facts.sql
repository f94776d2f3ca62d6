-- As latest_people, of the matching crashes.
-- params: app_id smallint, issue_id bigint, matches boolean, limit integer
-- columns: user_id uuid
select user_id
from crash_facts_of_people
where app_id = %(app_id)s and %(matches)s and fingerprint in (
    select fingerprint from groups where app_id = %(app_id)s and issue_id = %(issue_id)s::bigint)
group by user_id
order by max(timestamp) desc
limit %(limit)s
