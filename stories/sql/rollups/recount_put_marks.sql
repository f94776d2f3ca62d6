-- Puts the marks of the sessions that have left, as the recount has found them, in place of the kept ones.
-- params: none
-- columns: none
delete from public.session_marks;
insert into public.session_marks select * from pg_temp.session_marks;
