-- How many people issues have hit since a time. Somebody in several groups of an issue counts once; the
-- usual issue has one group, and then nothing has to be told apart.
-- params: issue_ids bigint[], since timestamptz
-- columns: issue_id bigint, people bigint
with chosen as (
    select app_id, issue_id, array_agg(fingerprint) as fingerprints
    from groups where issue_id = any (%(issue_ids)s::bigint[])
    group by app_id, issue_id
)
select issue_id, case when cardinality(fingerprints) = 1 then (
        select count(*) from group_people
        where group_people.app_id = chosen.app_id and fingerprint = fingerprints[1]
          and last_at >= %(since)s::timestamptz
    ) else (
        select count(distinct user_id) from group_people
        where group_people.app_id = chosen.app_id and fingerprint = any (fingerprints)
          and last_at >= %(since)s::timestamptz
    ) end as people
from chosen
