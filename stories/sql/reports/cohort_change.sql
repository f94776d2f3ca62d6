-- Gives a cohort a name and a definition.
-- params: cohort_id integer, name text, definition jsonb
-- columns: cohort_id integer, app_id smallint, name text, definition jsonb, created_at timestamptz
update saved_cohorts
set name = %(name)s::text, definition = %(definition)s::jsonb
where cohort_id = %(cohort_id)s::integer
returning cohort_id, app_id, name, definition, created_at
