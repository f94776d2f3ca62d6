-- Whether the last run of each job failed; one that runs just now is as it was before.
-- params: none
-- columns: name text, has_failed boolean, last_error text
select name, coalesce(error_at >= coalesce(ended_at, started_at, error_at), false) as has_failed, last_error
from jobs
order by name
