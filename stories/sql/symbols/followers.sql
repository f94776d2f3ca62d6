-- Thin crashes and handled errors that need not wait any more: their group has an heir, or nothing that waits could
-- bring one. Locked until the end of the transaction; those that the fold takes now are left out.
-- params: most integer
-- columns: id bigint, kind text, user_id uuid, timestamp timestamptz, dedupe_key bigint, app_id smallint,
--   fingerprint bytea, heir bytea
select outbox.id, kind, user_ids[1] as user_id, timestamps[1] as timestamp, dedupe_keys[1] as dedupe_key,
       held_app as app_id, held_group as fingerprint, heir
from outbox left join group_names as names on (names.app_id, names.fingerprint) = (held_app, held_group)
where held_until is not null and follows
  and (heir is not null
       or not exists (select from outbox as other
                      where other.held_until is not null and not other.follows
                        and (other.held_app, other.held_group) = (outbox.held_app, outbox.held_group)))
order by outbox.id
limit %(most)s::integer
for update of outbox skip locked
