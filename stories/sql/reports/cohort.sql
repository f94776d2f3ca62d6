-- One cohort, of whatever app.
-- params: cohort_id integer
-- columns: cohort_id integer, app_id smallint, name text, definition jsonb, created_at timestamptz
select cohort_id, app_id, name, definition, created_at
from saved_cohorts
where cohort_id = %(cohort_id)s::integer
