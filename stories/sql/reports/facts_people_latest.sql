-- The people with matching events, whose latest is latest, with the times and counts of those events.
-- params: app_id smallint, matches boolean, messages text[] (names of events), limit integer
-- columns: client_id text, first_seen timestamptz, last_seen timestamptz, messages bigint, images bigint
select external_ids.external_id as client_id, latest.first_seen, latest.last_seen, latest.messages, latest.images
from (
    select user_id, min(timestamp) as first_seen, max(timestamp) as last_seen,
           count(*) filter (where event = any (%(messages)s::text[])) as messages,
           count(*) filter (where event = 'image_generated') as images
    from facts_of_people_between(%(app_id)s::smallint, null, null) as facts_of_people
    where app_id = %(app_id)s and %(matches)s
    group by user_id
    order by max(timestamp) desc, user_id desc
    limit %(limit)s
) as latest
left join external_ids on external_ids.user_id = latest.user_id and external_ids.app_id = %(app_id)s
order by latest.last_seen desc, latest.user_id desc
