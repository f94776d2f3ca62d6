-- The cohorts of an app, by name.
-- params: app_id smallint
-- columns: cohort_id integer, app_id smallint, name text, definition jsonb, created_at timestamptz
select cohort_id, app_id, name, definition, created_at
from saved_cohorts
where app_id = %(app_id)s::smallint
order by lower(name), cohort_id
