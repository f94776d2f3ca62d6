-- The fingerprints that crashes in an app's catch-all group would have had, which are to get a group: those
-- that have one by now, and of the others those that most people sent.
-- params: app_id smallint, catch_all bytea, most integer (new groups)
-- columns: fingerprint bytea, is_group boolean
with caught as (
    select also[1] as fingerprint, count(distinct user_id) as people, min(timestamp) as first_at
    from crashes
    where app_id = %(app_id)s::smallint and fingerprint = %(catch_all)s::bytea and also[1] is not null
    group by also[1]
), marked as (
    select caught.*, held.fingerprint is not null as is_group
    from caught left join (
        select fingerprint from groups where app_id = %(app_id)s::smallint
    ) as held using (fingerprint)
)
select fingerprint, is_group
from (
    select marked.*, row_number() over (partition by is_group order by people desc, first_at, fingerprint) as place
    from marked
) as ranked
where is_group or place <= %(most)s
order by is_group desc, place
