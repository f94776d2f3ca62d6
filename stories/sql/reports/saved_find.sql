-- One saved question.
-- params: saved_id integer
-- columns: saved_id integer, app_id smallint, report text, name text, question jsonb, is_pinned boolean, created_at timestamptz
select saved_id, app_id, report, name, question, is_pinned, created_at
from saved_questions
where saved_id = %(saved_id)s
