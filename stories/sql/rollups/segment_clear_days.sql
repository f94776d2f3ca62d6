-- Takes a segment's bit out of people's days.
-- params: app_id smallint, bit integer
-- columns: none
update person_days set segments = segments & ~%(bit)s::integer, crash_segments = crash_segments & ~%(bit)s::integer
where app_id = %(app_id)s and (segments | crash_segments) & %(bit)s::integer <> 0
