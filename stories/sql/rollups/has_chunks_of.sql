-- Whether a chunk may hold an event of a person.
-- params: user_id uuid, app_id smallint (null: in every app)
-- columns: has_chunks boolean
select exists (
    select 1 from apps join event_chunks as chunk using (app_id)
    where (%(app_id)s::smallint is null or apps.app_id = %(app_id)s::smallint)
      and first_user <= %(user_id)s::uuid and last_user >= %(user_id)s::uuid
) as has_chunks
