-- An app's saved questions, by report and name.
-- params: app_id smallint
-- columns: saved_id integer, report text, name text, question jsonb, is_pinned boolean, created_at timestamptz
select saved_id, report, name, question, is_pinned, created_at
from saved_questions
where app_id = %(app_id)s
order by report, lower(name), name
