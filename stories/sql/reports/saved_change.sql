-- Changes what is named of a saved question; null: stays.
-- params: saved_id integer, name text, question text (JSON), is_pinned boolean
-- columns: none
update saved_questions
set name = coalesce(%(name)s, name),
    question = coalesce(%(question)s::jsonb, question),
    is_pinned = coalesce(%(is_pinned)s, is_pinned)
where saved_id = %(saved_id)s
