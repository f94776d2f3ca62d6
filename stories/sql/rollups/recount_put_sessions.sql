-- Notes with each session of an SDK what a rebuild has counted it as: the next change to it counts from there.
-- params: since date, until date
-- columns: none
update sdk_sessions as held
set counted_day = recounted.day, counted_version = recounted.version, counted_status = recounted.status
from recounted_sessions as recounted
where (held.app_id, held.sid) = (recounted.app_id, recounted.sid) and not is_pending
  and recounted.day between %(since)s::date and %(until)s::date and not is_sealed(recounted.app_id, recounted.day)
  and (held.counted_day, held.counted_version, held.counted_status)
      is distinct from (recounted.day, recounted.version, recounted.status)
