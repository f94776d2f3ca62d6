-- Whether an app had events lately, and in how many other spans, such as the same hours of weeks before.
-- params: app_id smallint, since timestamptz, now timestamptz, starts timestamptz[], ends timestamptz[]
-- columns: has_events boolean, usual_weeks bigint
select exists (select from events where app_id = %(app_id)s::smallint
                 and timestamp >= %(since)s::timestamptz and timestamp <= %(now)s::timestamptz) as has_events,
       (select count(*) from unnest(%(starts)s::timestamptz[], %(ends)s::timestamptz[]) as span (first, last)
        where exists (select from events where app_id = %(app_id)s::smallint
                        and timestamp >= span.first and timestamp < span.last)) as usual_weeks
