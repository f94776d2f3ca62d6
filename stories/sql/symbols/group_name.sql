-- What a fingerprint stands for so far.
-- params: app_id smallint, fingerprint bytea
-- columns: crash_type text, handled boolean
select crash_type, handled from group_names where app_id = %(app_id)s and fingerprint = %(fingerprint)s
