-- As issue_values, of the matching crashes of some issues; of dims, as many as are named.
-- params: app_id smallint, issue_ids bigint[], dims text[], start timestamptz, end timestamptz (exclusive),
--   matches boolean
-- columns: issue_id bigint, dim text, value text, day date, crashes bigint
with own as materialized (
    select fingerprint, issue_id from groups
    where app_id = %(app_id)s and issue_id = any (%(issue_ids)s::bigint[])
), alike as materialized (
    select fingerprint, day, app_version, os_version, count(*) as crashes
    from crash_facts
    where app_id = %(app_id)s and timestamp >= %(start)s and timestamp < %(end)s and %(matches)s
      and fingerprint in (select fingerprint from own)
    group by 1, 2, 3, 4
)
select own.issue_id, dims.dim, dims.value, alike.day, sum(alike.crashes)::bigint as crashes
from alike join own using (fingerprint),
     lateral (values ('none', ''), ('version', nullif(app_version, '')),
                     ('platform', nullif(os_version, ''))) as dims (dim, value)
where dims.dim = any (%(dims)s::text[]) and dims.value is not null
group by own.issue_id, dims.dim, dims.value, alike.day
