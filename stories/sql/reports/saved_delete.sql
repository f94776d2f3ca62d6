-- Forgets a saved question.
-- params: saved_id integer
-- columns: none
delete from saved_questions where saved_id = %(saved_id)s
