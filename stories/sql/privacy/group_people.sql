-- The issues that a person met, and how often.
-- params: user_id uuid, app_id smallint
-- columns: app text, issue text, title text, last_at timestamptz, crashes bigint
select apps.slug as app, apps.slug || '-' || issues.number as issue, issues.title, last_at,
       group_people.n as crashes
from group_people join apps using (app_id)
join groups using (app_id, fingerprint) join issues using (issue_id)
where user_id = %(user_id)s::uuid
  and (%(app_id)s::smallint is null or group_people.app_id = %(app_id)s::smallint)
order by last_at, issues.number, fingerprint
