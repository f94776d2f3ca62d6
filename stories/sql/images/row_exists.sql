-- Whether an image still has its row (another worker may have stored it first).
-- params: image_id uuid, user_id uuid
-- columns: held boolean
select exists (
    select 1 from images where user_id = %(user_id)s::uuid and image_id = %(image_id)s::uuid
) as held
