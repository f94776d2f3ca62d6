-- Deletes a person's crashes from the queue of those that are mapped anew.
-- params: user_id uuid, app_id smallint (null: of every app)
-- columns: none
delete from remap_queue
where user_id = %(user_id)s::uuid and (%(app_id)s::smallint is null or app_id = %(app_id)s::smallint)
