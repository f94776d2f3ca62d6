-- Deletes a cohort.
-- params: cohort_id integer
-- columns: none
delete from saved_cohorts where cohort_id = %(cohort_id)s::integer
