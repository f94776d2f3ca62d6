-- Gives a group to an issue. home_id: the one it belongs to from now on.
-- params: app_id smallint, fingerprint bytea, issue_id bigint, home_id bigint
-- columns: none
update groups set issue_id = %(issue_id)s, home_id = %(home_id)s
where app_id = %(app_id)s and fingerprint = %(fingerprint)s
