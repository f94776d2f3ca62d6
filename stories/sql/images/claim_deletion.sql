-- Takes the stored image that has been due for deletion longest, as images/claim_image does.
-- params: now timestamptz, until timestamptz (end of the lease)
-- columns: image_id uuid, remote_id text, attempts integer
update image_deletions set next_try = %(until)s, attempts = attempts + 1
where image_id = (
    select image_id from image_deletions
    where next_try <= %(now)s
    order by next_try
    limit 1
    for update skip locked
)
returning image_id, remote_id, attempts
