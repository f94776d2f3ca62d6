-- Whether an upload waits to be taken in.
-- params: none
-- columns: waits_upload boolean
select exists (select from uploads where state = 'waiting') as waits_upload
