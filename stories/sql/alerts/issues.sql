-- Open issues that are new, or are back, since a moment: those that do not fire first, the latest first; handled
-- errors are none. One that nobody is known to have met, as of a server, counts as met by one.
-- params: app_id smallint, because text, since timestamptz, people bigint, firing text[], limit integer
-- columns: issue_id bigint, number integer, title text, culprit text, first_version text, n bigint, people bigint
select issue_id, number, title, culprit, first_version, n, people
from issues
where app_id = %(app_id)s::smallint and state = 'open' and because = %(because)s
  and since >= %(since)s::timestamptz and not handled and merged_into is null
  and greatest(people, 1) >= %(people)s::bigint
order by issue_id::text = any (%(firing)s::text[]), since desc, issue_id desc
limit %(limit)s
