-- The groups of the slice that are new, into `new_groups`: what their fingerprint stands for, the other
-- fingerprints that their first crash would have had, and what `slice_groups` holds of them. because: of an
-- issue that is made for one. `offset 0`: each is looked up, whatever the statistics say.
-- params: because text
-- columns: none
with firsts as materialized (
    select distinct on (slice.app_id, slice.fingerprint)
           slice.kind, slice.event, slice.properties, slice.user_id, slice.timestamp, slice.dedupe_key, new.*
    from slice join slice_groups as new on (new.app_id, new.fingerprint) = (slice.app_id, slice.fingerprint)
    where new.is_new
    order by slice.app_id, slice.fingerprint, slice.timestamp, slice.user_id, slice.dedupe_key
)
insert into new_groups
select firsts.app_id, firsts.fingerprint, left(coalesce(names.title, firsts.event), 200),
       left(coalesce(names.culprit, ''), 200), coalesce(names.crash_type, firsts.event),
       coalesce(names.raw, false),
       case when firsts.kind = 'crash' then (
           select also from held_crashes as held
           where (held.user_id, held.timestamp, held.dedupe_key)
               = (firsts.user_id, firsts.timestamp, firsts.dedupe_key)
       ) when jsonb_typeof(firsts.properties -> 'also') = 'array' then array(
           select decode(other, 'hex') from jsonb_array_elements_text(firsts.properties -> 'also') as also (other)
           where other ~ '^[0-9a-f]{32}$'
       ) end,
       %(because)s, null, null, false, n, people, first_at, last_at, first_version, last_version,
       firsts.handled
from firsts left join lateral (
    select * from group_names
    where (group_names.app_id, group_names.fingerprint) = (firsts.app_id, firsts.fingerprint)
    offset 0
) as names on true
