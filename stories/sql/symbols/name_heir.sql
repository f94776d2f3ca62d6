-- The group that crashes of another come to by symbols, if it is the first: the other's names say less, so what its
-- issue is called gives way.
-- params: app_id smallint, fingerprint bytea, heir bytea
-- columns: none
update group_names set heir = %(heir)s, raw = true
where app_id = %(app_id)s and fingerprint = %(fingerprint)s and heir is null and fingerprint <> %(heir)s
