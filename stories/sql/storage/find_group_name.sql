-- Whether a fingerprint has a name, and how many the app gave since the hour began.
-- params: app_id smallint, fingerprint bytea, since timestamptz (the hour's begin), most integer (not counted past it)
-- columns: is_named boolean, new_names bigint
select
    exists (select from group_names where app_id = %(app_id)s and fingerprint = %(fingerprint)s) as is_named,
    (select count(*) from (
        select from group_names where app_id = %(app_id)s and named_at >= %(since)s limit %(most)s
    ) as named) as new_names
