-- A page of an app's issues in any order, and how many issues there are by state. Those that were merged
-- into another are none. The order's keys are whole numbers, so that they fit into a cursor: times in
-- microseconds, rises in thousandths. What is new today rises most. The numbers by state go by all filters
-- but state, reason and handled; a page without issues is one row with these numbers alone.
-- `pattern` is one of ILIKE. issue_ids: those alone, with these numbers in place of their own (crashes/reading/narrowed.py).
-- params: app_id smallint, state text, because text, handled boolean, raw boolean, crash_type text,
--   version text, first_version text, platform text, pattern text, number integer (or this issue),
--   start timestamptz, end timestamptz (exclusive; of last_seen), sort text, ascending boolean,
--   last_key bigint, last_number integer, now timestamptz, limit integer, issue_ids bigint[],
--   issue_crashes bigint[], issue_people bigint[], issue_firsts timestamptz[], issue_lasts timestamptz[]
-- columns: open bigint, new bigint, regressed bigint, muted bigint, resolved bigint, handled bigint,
--   sort_key bigint, issue_id bigint, number integer, title text, culprit text, crash_type text,
--   raw boolean, is_handled boolean, state text, because text, since timestamptz, first_seen timestamptz,
--   last_seen timestamptz, first_version text, last_version text, crashes bigint, people bigint
with rises as materialized (
    select issue_id, sum(arrived.today) as today, sum(arrived.week) as week
    from (
        select fingerprint,
               sum(n::integer) filter (where hour > %(now)s::timestamptz - interval '1 day') as today,
               sum(n::integer) filter (where hour <= %(now)s::timestamptz - interval '1 day') as week
        from group_hours
        where %(sort)s::text = 'rise' and app_id = %(app_id)s::smallint
          and hour > %(now)s::timestamptz - interval '8 days'
        group by fingerprint
    ) as arrived join groups on groups.app_id = %(app_id)s::smallint
                            and groups.fingerprint = arrived.fingerprint
    group by issue_id
), narrowed as materialized (
    select *
    from unnest(%(issue_ids)s::bigint[], %(issue_crashes)s::bigint[], %(issue_people)s::bigint[],
                %(issue_firsts)s::timestamptz[], %(issue_lasts)s::timestamptz[])
        as narrowed (issue_id, crashes, people, first_at, last_at)
), matching as materialized (
    select issues.*,
           case %(sort)s::text
               when 'first_seen' then (extract(epoch from first_seen) * 1000000)::bigint
               when 'crashes' then n
               when 'people' then people
               when 'rise' then case when week > 0 then (coalesce(today, 0) * 7000 / week)::bigint
                                     else coalesce((1000000000000 + today)::bigint, -1) end
               else (extract(epoch from last_seen) * 1000000)::bigint
           end as sort_key
    from (
        select issue_id, app_id, number, title, culprit, crash_type, raw, handled, state, because, since,
               first_version, last_version, merged_into,
               coalesce(narrowed.crashes, n) as n, coalesce(narrowed.people, issues.people) as people,
               coalesce(first_at, first_seen) as first_seen, coalesce(last_at, last_seen) as last_seen
        from issues left join narrowed using (issue_id)
        where %(issue_ids)s::bigint[] is null or narrowed.issue_id is not null
    ) as issues left join rises using (issue_id)
    where app_id = %(app_id)s::smallint and merged_into is null
      and (%(raw)s::boolean is null or raw = %(raw)s::boolean)
      and (%(crash_type)s::text is null or crash_type = %(crash_type)s::text)
      and (%(first_version)s::text is null or first_version = %(first_version)s::text)
      and (%(start)s::timestamptz is null or last_seen >= %(start)s::timestamptz)
      and (%(end)s::timestamptz is null or last_seen < %(end)s::timestamptz)
      and (%(version)s::text is null or issue_id in (
          select issue_id from groups
          where app_id = %(app_id)s::smallint and exists (
              select from group_days
              where (group_days.app_id, group_days.fingerprint) = (groups.app_id, groups.fingerprint)
                and dim = 'version' and value = %(version)s::text)))
      and (%(platform)s::text is null or issue_id in (
          select issue_id from groups
          where app_id = %(app_id)s::smallint and exists (
              select from group_days
              where (group_days.app_id, group_days.fingerprint) = (groups.app_id, groups.fingerprint)
                and dim = 'platform' and value = %(platform)s::text)))
      and (%(pattern)s::text is null
           or number = %(number)s::integer
           or title ilike %(pattern)s::text
           or culprit ilike %(pattern)s::text
           or exists (
               select from groups join group_names using (app_id, fingerprint)
               where issue_id = issues.issue_id
                 and (group_names.title ilike %(pattern)s::text
                      or group_names.culprit ilike %(pattern)s::text
                      or array_to_string(keys, E'\n') ilike %(pattern)s::text)))
), totals as (
    select count(*) filter (where state = 'open' and not handled) as open,
           count(*) filter (where state = 'open' and not handled and because = 'new') as new,
           count(*) filter (where state = 'open' and not handled and because = 'regressed') as regressed,
           count(*) filter (where state = 'muted' and not handled) as muted,
           count(*) filter (where state = 'resolved' and not handled) as resolved,
           count(*) filter (where handled) as handled
    from matching
), page as (
    select * from matching
    where (%(state)s::text is null or state = %(state)s::text)
      and (%(because)s::text is null or because = %(because)s::text)
      and (%(handled)s::boolean is null or handled = %(handled)s::boolean)
      and (%(last_key)s::bigint is null
           or %(ascending)s::boolean
              and (sort_key, number) > (%(last_key)s::bigint, %(last_number)s::integer)
           or not %(ascending)s::boolean
              and (sort_key, number) < (%(last_key)s::bigint, %(last_number)s::integer))
    order by case when %(ascending)s::boolean then sort_key else -sort_key end,
             case when %(ascending)s::boolean then number else -number end
    limit %(limit)s
)
select totals.open, totals.new, totals.regressed, totals.muted, totals.resolved, totals.handled,
       sort_key, issue_id, number, title, culprit, crash_type, raw, page.handled as is_handled,
       state, because, since, first_seen, last_seen, first_version, last_version, n as crashes, people
from totals left join page on true
order by case when %(ascending)s::boolean then sort_key else -sort_key end,
         case when %(ascending)s::boolean then number else -number end
