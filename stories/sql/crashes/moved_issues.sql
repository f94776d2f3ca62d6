-- The issues whose groups lost or got crashes.
-- params: none
-- columns: issue_id bigint
select groups.issue_id from moved_groups join groups using (app_id, fingerprint)
union
select groups.issue_id from slice_groups join groups using (app_id, fingerprint)
