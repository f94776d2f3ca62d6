-- Deletes the marks of sessions that have left, of days before the first one that any app keeps.
-- params: first_kept date
-- columns: none
update session_marks
set marks = array(select mark from unnest(marks) as mark where session_mark_day(mark) >= %(first_kept)s::date)
where exists (select from unnest(marks) as mark where session_mark_day(mark) < %(first_kept)s::date)
