-- Deletes what people and bots wrote before a time.
-- params: app_id smallint, cutoff timestamptz
-- columns: none
delete from contents
where app_id = %(app_id)s and timestamp < %(cutoff)s
