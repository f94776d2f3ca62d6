-- Forgets which values were counted by their own name, here or in a recount's copy: the recount chooses
-- anew. Days that have lost events keep theirs: they are not counted again. Nor are versions of SDKs' sessions, which
-- are not held as long.
-- params: none
-- columns: none
delete from kept_values where not is_sealed(app_id, day) and event <> '(session)';
delete from public.kept_values where not is_sealed(app_id, day) and event <> '(session)';
