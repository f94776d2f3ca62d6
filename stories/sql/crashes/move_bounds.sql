-- The groups that lost their first or their last crash, and hold others.
-- params: none
-- columns: app_id smallint, fingerprint bytea
select groups.app_id, groups.fingerprint
from moved_groups as moved join groups using (app_id, fingerprint)
where groups.n > 0 and (moved.first_at <= groups.first_seen or moved.last_at >= groups.last_seen)
