-- Saves a question, unless its name is taken or the app has its most: then there is no row.
-- params: app_id smallint, report text, name text, question text (JSON), is_pinned boolean, most integer
-- columns: saved_id integer
insert into saved_questions (app_id, report, name, question, is_pinned)
select %(app_id)s, %(report)s, %(name)s, %(question)s::jsonb, %(is_pinned)s
where (select count(*) from saved_questions where app_id = %(app_id)s) < %(most)s
on conflict do nothing
returning saved_id
