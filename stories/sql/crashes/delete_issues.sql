-- Deletes the issues in `leaving_issues` with all that is held of them: of none of their crashes is there a row
-- any more. The days of daily_crashes stay.
-- params: none
-- columns: none
create temporary table leaving_fingerprints on commit drop as
    select app_id, fingerprint from groups where issue_id in (select issue_id from leaving_issues);
analyze leaving_fingerprints;
delete from group_days as held using leaving_fingerprints as leaving
where (held.app_id, held.fingerprint) = (leaving.app_id, leaving.fingerprint);
delete from departed_group_days as held using leaving_fingerprints as leaving
where (held.app_id, held.fingerprint) = (leaving.app_id, leaving.fingerprint);
delete from group_hours as held using leaving_fingerprints as leaving
where (held.app_id, held.fingerprint) = (leaving.app_id, leaving.fingerprint);
delete from departed_group_hours as held using leaving_fingerprints as leaving
where (held.app_id, held.fingerprint) = (leaving.app_id, leaving.fingerprint);
delete from group_people as held using leaving_fingerprints as leaving
where (held.app_id, held.fingerprint) = (leaving.app_id, leaving.fingerprint);
delete from group_names as held using leaving_fingerprints as leaving
where (held.app_id, held.fingerprint) = (leaving.app_id, leaving.fingerprint);
delete from groups where issue_id in (select issue_id from leaving_issues);
delete from issue_log where issue_id in (select issue_id from leaving_issues);
delete from issues where issue_id in (select issue_id from leaving_issues)
