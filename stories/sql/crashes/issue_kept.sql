-- How many crashes of an issue are stored whole (with their stack or context), and how many of its handled
-- errors.
-- params: issue_id bigint
-- columns: kept bigint
select coalesce(sum(whole.kept + handled.kept), 0)::bigint as kept
from groups
cross join lateral (
    select count(*) as kept from crashes
    where (crashes.app_id, crashes.fingerprint) = (groups.app_id, groups.fingerprint)
      and (stack_trace is not null or context is not null)
) as whole
cross join lateral (
    select count(*) as kept from error_details
    where (error_details.app_id, error_details.fingerprint) = (groups.app_id, groups.fingerprint)
) as handled
where issue_id = %(issue_id)s::bigint
