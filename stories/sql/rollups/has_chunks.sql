-- Whether a chunk holds an event from a span of time.
-- params: app_id smallint (null: of every app), since timestamptz, until timestamptz
-- columns: has_chunks boolean
select exists (
    select 1 from event_chunks
    where (%(app_id)s::smallint is null or app_id = %(app_id)s::smallint)
      and last_at >= %(since)s::timestamptz and first_at <= %(until)s::timestamptz
      and first_at >= month_of(%(since)s::timestamptz)
) as has_chunks
