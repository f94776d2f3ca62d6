-- Deletes what is told of uploads that ended long ago, and of an app's all but the latest `most`. What waits
-- for two days will not be taken in any more: its chunks are gone.
-- params: most integer
-- columns: none
delete from uploads
where ended_at < now() - interval '30 days' or (state = 'waiting' and at < now() - interval '2 days')
   or (state <> 'waiting' and upload_id in (
           select upload_id from (
               select upload_id, row_number() over (partition by app_id order by upload_id desc) as place
               from uploads
           ) as ranked
           where place > %(most)s::integer
       ))
