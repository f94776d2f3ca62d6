-- A new cohort; nothing is returned where the app has one of the name, or `limit` of them.
-- params: app_id smallint, name text, definition jsonb, limit integer
-- columns: cohort_id integer, app_id smallint, name text, definition jsonb, created_at timestamptz
insert into saved_cohorts (app_id, name, definition)
select %(app_id)s::smallint, %(name)s::text, %(definition)s::jsonb
where (select count(*) from saved_cohorts where app_id = %(app_id)s::smallint) < %(limit)s
on conflict (app_id, name) do nothing
returning cohort_id, app_id, name, definition, created_at
