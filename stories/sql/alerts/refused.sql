-- What an app's intake stored and refused on a day of UTC. What is left out by rule is not refused.
-- params: app_id smallint, day date
-- columns: stored bigint, refused bigint, reason text
with refused as (
    select reason, n from drops
    where app_id = %(app_id)s::smallint and day = %(day)s::date
      and reason !~ '^(left_out|sdk):' and reason not in ('crawler', 'no_consent', 'environment')
)
select (select coalesce(sum(n), 0)
        from (select day, app_id, dim, n from daily_events
              union all select day, app_id, dim, n from daily_crashes) as taken
        where day = %(day)s::date and app_id = %(app_id)s::smallint and dim = 'none')::bigint as stored,
       (select coalesce(sum(n), 0) from refused)::bigint as refused,
       (select reason from refused order by n desc limit 1) as reason
