-- What issues have of the matching crashes. Handled errors are none.
-- params: app_id smallint, issue_id bigint (or all), start timestamptz, end timestamptz (exclusive), matches boolean
-- columns: issue_id bigint, crashes bigint, people bigint, first_seen timestamptz, last_seen timestamptz
with alike as materialized (
    select fingerprint, user_id, count(*) as crashes, min(timestamp) as first_at, max(timestamp) as last_at
    from crash_facts
    where app_id = %(app_id)s and %(matches)s
      and (%(start)s::timestamptz is null or timestamp >= %(start)s::timestamptz)
      and (%(end)s::timestamptz is null or timestamp < %(end)s::timestamptz)
      and (%(issue_id)s::bigint is null or fingerprint in (
          select fingerprint from groups where app_id = %(app_id)s and issue_id = %(issue_id)s::bigint))
    group by fingerprint, user_id
)
select groups.issue_id, sum(alike.crashes)::bigint as crashes,
       count(distinct alike.user_id) filter (where is_person(alike.user_id)) as people,
       min(alike.first_at) as first_seen, max(alike.last_at) as last_seen
from alike join groups on groups.app_id = %(app_id)s and groups.fingerprint = alike.fingerprint
where groups.issue_id is not null
group by groups.issue_id
