-- Notes the versions of the slice that were not known, or not so early; at most 5,000 an app, since anybody
-- may send versions. Looked up once a version, whatever the statistics say.
-- params: none
-- columns: none
with sent as materialized (
    select app_id, app_version as version, min(timestamp) as first_seen
    from slice
    where app_version not in ('', 'other')
    group by app_id, app_version
), held as materialized (
    select sent.*, (select true from releases
                    where (releases.app_id, releases.version) = (sent.app_id, sent.version)) as known,
           (select releases.first_seen from releases
            where (releases.app_id, releases.version) = (sent.app_id, sent.version)) as known_since
    from sent
), ranked as materialized (
    select held.*, row_number() over (partition by app_id order by known, first_seen, version) as place,
           count(known) over (partition by app_id) as known_here
    from held
    where known_since is null or first_seen < known_since
)
insert into releases (app_id, version, version_key, first_seen)
select app_id, version, version_key(version), first_seen
from ranked
where known
   or (select count(*) from releases where releases.app_id = ranked.app_id) + place - known_here <= 5000
on conflict (app_id, version) do update set first_seen = least(releases.first_seen, excluded.first_seen)
