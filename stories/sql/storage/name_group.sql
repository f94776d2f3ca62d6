-- Names a group, unless it has a name; under lock_group_names.sql.
-- params: app_id smallint, fingerprint bytea, title text, culprit text, crash_type text, raw boolean,
--   handled boolean, why text[], keys text[], named_at timestamptz
-- columns: none
insert into group_names (app_id, fingerprint, title, culprit, crash_type, raw, handled, why, keys, named_at)
values (%(app_id)s, %(fingerprint)s, %(title)s, %(culprit)s, %(crash_type)s, %(raw)s, %(handled)s,
        %(why)s, %(keys)s, %(named_at)s)
on conflict do nothing
