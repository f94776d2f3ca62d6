-- Writes down a group's first and last crash.
-- params: app_id smallint, fingerprint bytea, first_seen timestamptz, first_version text,
--   last_seen timestamptz, last_version text
-- columns: none
update groups
set first_seen = %(first_seen)s, first_version = %(first_version)s,
    last_seen = %(last_seen)s, last_version = %(last_version)s
where app_id = %(app_id)s and fingerprint = %(fingerprint)s
