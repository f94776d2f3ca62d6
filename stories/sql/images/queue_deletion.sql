-- Queues the deletion of an image that was stored after its row was gone.
-- params: image_id uuid, remote_id text, now timestamptz
-- columns: none
insert into image_deletions (image_id, remote_id, next_try)
values (%(image_id)s::uuid, coalesce(%(remote_id)s::text, ''), %(now)s)
on conflict (image_id) do update set remote_id = excluded.remote_id, next_try = excluded.next_try
