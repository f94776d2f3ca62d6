-- The fingerprints that crashes and handled errors in an app's catch-all group would have had, which are to get
-- a group: those that have one by now, and of the others those that most people sent. Handled errors are
-- looked for in these spans of time.
-- params: app_id smallint, catch_all bytea, sinces timestamptz[], untils timestamptz[], most integer (new groups)
-- columns: fingerprint bytea, is_group boolean
with caught as (
    select fingerprint, count(distinct user_id) as people, min(timestamp) as first_at
    from (
        select also[1] as fingerprint, user_id, timestamp
        from crashes
        where app_id = %(app_id)s::smallint and fingerprint = %(catch_all)s::bytea and also[1] is not null
        union all
        select decode(properties -> 'also' ->> 0, 'hex'), user_id, timestamp
        from unnest(%(sinces)s::timestamptz[], %(untils)s::timestamptz[]) as span (since, until)
        join events on timestamp >= since and timestamp < until
        where app_id = %(app_id)s::smallint and event = 'error_handled'
          and properties ->> 'fingerprint' = encode(%(catch_all)s::bytea, 'hex')
          and properties -> 'also' ->> 0 ~ '^[0-9a-f]{32}$'
    ) as both_kinds
    group by fingerprint
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
