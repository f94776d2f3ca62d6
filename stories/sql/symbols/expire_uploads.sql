-- Deletes what is told of uploads that ended long ago. What waits for two days will not be taken in any more:
-- its chunks are gone.
-- params: none
-- columns: none
delete from uploads
where ended_at < now() - interval '30 days' or (state = 'waiting' and at < now() - interval '2 days')
