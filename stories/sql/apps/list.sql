-- Every app, in the order they were made.
-- params: none
-- columns: app_id smallint, slug text, kind text, name text, timezone text, retention_days integer,
--   ingest_key text, is_default boolean, funnel jsonb, events jsonb, content_days integer,
--   hash_rotation text, whole_since date, is_open boolean, undeclared jsonb (name: day of last_seen),
--   segments jsonb (a list), grouping jsonb, former_groupings jsonb (a list), has_plain_people boolean,
--   has_nobody boolean, long_names jsonb, ignored_environments text[]
select app_id, slug, kind, name, timezone, retention_days, ingest_key, is_default, funnel, events,
       content_days, hash_rotation, nullif(whole_since, '-infinity') as whole_since,
       accepts = 'open' as is_open,
       coalesce((select jsonb_object_agg(event, last_seen) from event_names as names
                 where names.app_id = apps.app_id), '{}') as undeclared,
       coalesce((select jsonb_agg(jsonb_build_object(
                            'segment_id', segment_id, 'place', place, 'name', segments.name,
                            'filter', filter, 'is_filled', filled_until = 'infinity') order by place)
                 from segments where segments.app_id = apps.app_id), '[]') as segments,
       grouping, former_groupings, person_ids = 'plain' as has_plain_people, has_nobody, long_names,
       ignored_environments
from apps
order by app_id
