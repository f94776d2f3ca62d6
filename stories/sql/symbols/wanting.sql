-- Stored crashes and handled errors of an app that want one of these keys, the newest `of_a_group` of each group.
-- params: app_id smallint, keys text[], of_a_group integer, most integer
-- columns: kind text, user_id uuid, timestamp timestamptz, dedupe_key bigint
select kind, user_id, timestamp, dedupe_key
from (
    select case when details.fingerprint is null then 'crash' else 'event' end as kind,
           details.user_id, details.timestamp, details.dedupe_key,
           row_number() over (partition by coalesce(details.fingerprint, crashes.fingerprint)
                              order by details.timestamp desc) as place
    from error_details as details left join crashes using (user_id, timestamp, dedupe_key)
    where details.app_id = %(app_id)s::smallint and details.wants && %(keys)s::text[]
) as ranked
where place <= %(of_a_group)s::integer
order by timestamp desc
limit %(most)s::integer
