-- What reports need beyond the rollups, and read-only views over them for Metabase, psql and the like.
-- docs/METRICS_SQL.md shows them in use.
begin;

-- New people by day: a few hundred rows of the many in active_gaps.
create index active_gaps_first on active_gaps (app_id, kind, day) where gap = 0;

-- Durations and costs by METRICS.md's rule: the day's transcriptions, or when none of them carries one,
-- its recordings. No filter: dim 'none'.
create view daily_usage as
select apps.slug as app, numbers.day as date,
       coalesce(
           sum(total) filter (where property = 'duration' and event = 'transcription_completed'),
           sum(total) filter (where property = 'duration' and event = 'recording_completed'), 0
       ) as seconds,
       coalesce(
           sum(total) filter (where property = 'cost' and event = 'transcription_completed'),
           sum(total) filter (where property = 'cost' and event = 'recording_completed'), 0
       ) as cost_usd
from daily_numbers as numbers join apps using (app_id)
where numbers.dim = 'none' and numbers.property in ('duration', 'cost')
group by apps.slug, numbers.day;
comment on view daily_usage is
    'Seconds transcribed and their cost per app and day, as METRICS.md sums them.';

create view daily_people as
select apps.slug as app, gaps.day as date,
       coalesce(sum(people) filter (where gaps.kind = 1), 0)::bigint as active_users,
       coalesce(sum(people) filter (where gaps.kind = 1 and gap = 0), 0)::bigint as new_users,
       coalesce(sum(people) filter (where gaps.kind = 2), 0)::bigint as crashed_users,
       coalesce(sum(people) filter (where gaps.kind = 0), 0)::bigint as active_or_crashed_users
from active_gaps as gaps join apps using (app_id)
where gaps.kind in (0, 1, 2)
group by apps.slug, gaps.day;
comment on view daily_people is
    'Distinct people per app and day: with an event, with their first event, with a crash, with either. '
    'Never add the days up: people come back. distinct_people() answers for longer ranges.';

create function distinct_people(app text, kind integer, first date, last date) returns bigint
language sql stable parallel safe as $$
    select coalesce(sum(gaps.people), 0)::bigint
    from active_gaps as gaps join apps using (app_id)
    where apps.slug = $1 and gaps.kind = $2 and gaps.day between $3 and $4
      and (gaps.gap = 0 or gaps.gap > gaps.day - $3)
$$;
comment on function distinct_people is
    'Distinct people of the days first..last; kind 1 with an event, 2 with a crash, 0 with either.';

create view event_counts as
select apps.slug as app, day as date, event, n as events
from daily_events join apps using (app_id)
where dim = 'none' and n <> 0;
comment on view event_counts is 'Events per app, day and name.';

create view event_counts_by as
select apps.slug as app, day as date, dim as dimension, value, event, n as events
from daily_events join apps using (app_id)
where dim <> 'none' and n <> 0;
comment on view event_counts_by is
    'Events per app, day, name and one dimension: version, platform or country.';

create view property_counts as
select apps.slug as app, day as date, event, property,
       case when label = '' then 'unknown' else label end as value, n as events
from daily_values join apps using (app_id)
where dim = 'none' and n <> 0;
comment on view property_counts is
    'Events per app, day and value of a countable property (enum, boolean or label). '
    'unknown: absent or not text; other: beyond the cap on different labels.';

create view property_numbers as
select apps.slug as app, day as date, event, property, n as events, total,
       total / nullif(n, 0) as average, least, most
from daily_numbers join apps using (app_id)
where dim = 'none';
comment on view property_numbers is
    'Countable numbers per app, day, event and property: how many, sum, average and bounds.';

create view crash_counts as
select apps.slug as app, day as date, crash_type, n as crashes
from daily_crashes join apps using (app_id)
where dim = 'none' and n <> 0;
comment on view crash_counts is 'Crashes per app, day and type.';

create view crash_counts_by as
select apps.slug as app, day as date, dim as dimension, value, crash_type, n as crashes
from daily_crashes join apps using (app_id)
where dim <> 'none' and n <> 0;
comment on view crash_counts_by is
    'Crashes per app, day, type and one dimension: version, or platform (the system it ran on).';

create view session_counts as
select apps.slug as app, day as date, sessions, seconds, seconds / nullif(sessions, 0) as average_seconds
from daily_sessions join apps using (app_id);
comment on view session_counts is 'Sessions per app and the day they began on, and how long they lasted.';

create view cohorts as
select apps.slug as app, first_week, week, sum(people)::bigint as people
from cohort_weeks join apps using (app_id)
group by apps.slug, first_week, week
having sum(people) <> 0;
comment on view cohorts is
    'People by the week (its Monday) of their first event and each week they were active in.';

-- The daily table of the telemetry plan. One row for every day from an app's first day with anything to
-- its last, so that a chart has no holes.
create view user_stats as
select apps.slug as app, every_day.date,
       coalesce(sum(people.new_users) over (partition by apps.app_id order by every_day.date), 0)::bigint
           as total_users,
       coalesce(people.active_users, 0) as active_users,
       coalesce(people.new_users, 0) as new_users,
       coalesce(events.recordings, 0)::bigint as total_recordings,
       round(coalesce(usage.seconds, 0) / 60, 2) as total_minutes,
       coalesce(usage.cost_usd, 0) as total_cost_usd,
       coalesce(crashes.n, 0)::bigint as crash_count,
       round(coalesce(crashes.n, 0) / nullif(people.active_or_crashed_users, 0), 3) as crash_rate
from apps
join lateral (
    select min(day) as first_day, max(day) as last_day
    from active_gaps where active_gaps.app_id = apps.app_id and active_gaps.kind = 0
) as active on true
cross join lateral (
    select day::date as date
    from generate_series(first_day::timestamp, last_day::timestamp, '1 day') as day
) as every_day
left join daily_people as people on people.app = apps.slug and people.date = every_day.date
left join daily_usage as usage on usage.app = apps.slug and usage.date = every_day.date
left join (
    select app_id, day, sum(n) as recordings from daily_events
    where dim = 'none' and event = 'recording_completed' group by app_id, day
) as events on events.app_id = apps.app_id and events.day = every_day.date
left join (
    select app_id, day, sum(n) as n from daily_crashes where dim = 'none' group by app_id, day
) as crashes on crashes.app_id = apps.app_id and crashes.day = every_day.date;
comment on view user_stats is
    'One row per app and day, as the telemetry plan lays it out. total_users: people seen by the end of '
    'that day. crash_rate: crashes per person with an event or a crash.';

insert into schema_migrations (name) values ('003_report_views');
commit;
