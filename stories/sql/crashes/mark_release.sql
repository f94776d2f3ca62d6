-- Marks a version as released; what is not said again stays. Nothing is returned where an app has
-- `limit` versions already and this is another.
-- params: app_id smallint, version text, released_at timestamptz, url text, sets_url boolean,
--   is_archived boolean (null: as it is), limit integer
-- columns: version text, version_key text, first_seen timestamptz, released_at timestamptz, url text
insert into releases (app_id, version, version_key, released_at, url, is_archived)
select %(app_id)s::smallint, %(version)s::text, version_key(%(version)s::text),
       %(released_at)s::timestamptz, %(url)s::text, coalesce(%(is_archived)s::boolean, false)
where exists (select from releases where app_id = %(app_id)s::smallint and version = %(version)s::text)
   or (select count(*) from releases where app_id = %(app_id)s::smallint) < %(limit)s
on conflict (app_id, version) do update set
    released_at = coalesce(excluded.released_at, releases.released_at),
    is_archived = coalesce(%(is_archived)s::boolean, releases.is_archived),
    url = case when %(sets_url)s::boolean then excluded.url else releases.url end
returning version, version_key, first_seen, released_at, url
