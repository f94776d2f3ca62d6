-- Notes what somebody did to an issue.
-- params: issue_id bigint, what text, who text, detail text (JSON)
-- columns: none
insert into issue_log (issue_id, at, what, who, detail)
values (%(issue_id)s, now(), %(what)s, %(who)s, jsonb_strip_nulls(%(detail)s::jsonb))
