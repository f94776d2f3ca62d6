-- Notes on people's days that they matched a segment.
-- params: none
-- columns: none
update person_days as days
set segments = days.segments | fresh.segments, crash_segments = days.crash_segments | fresh.crash_segments
from new_days as fresh
where (days.user_id, days.app_id, days.day) = (fresh.user_id, fresh.app_id, fresh.day)
  and (fresh.segments & ~days.segments <> 0 or fresh.crash_segments & ~days.crash_segments <> 0)
