-- Deletes some of what an app's people and bots wrote before a time.
-- params: app_id smallint, cutoff timestamptz, most integer
-- columns: none
delete from contents
where ctid in (
    select ctid from contents where app_id = %(app_id)s and timestamp < %(cutoff)s limit %(most)s
)
