-- By which keys crashes of an app would be named, those of most crashes first. raw: names of some of these
-- crashes are minified or missing. version: of the latest of them that has one.
-- params: app_id smallint, since timestamptz, limit integer
-- columns: key text, crashes bigint, last_at timestamptz, raw boolean, version text
with wanting as materialized (
    select unnest(wants) as key, error_details.timestamp, app_version,
           coalesce(error_details.fingerprint, crashes.fingerprint) as fingerprint
    from error_details left join crashes using (user_id, timestamp, dedupe_key)
    where error_details.app_id = %(app_id)s::smallint
      and error_details.timestamp >= %(since)s::timestamptz and wants is not null
)
select key, count(*) as crashes, max(timestamp) as last_at, coalesce(bool_or(raw), false) as raw,
       (array_agg(app_version order by timestamp desc) filter (where app_version is not null))[1] as version
from wanting left join group_names on (group_names.app_id, group_names.fingerprint)
                                    = (%(app_id)s::smallint, wanting.fingerprint)
group by key
order by crashes desc, key
limit %(limit)s::integer
