-- Whether an app has ever sent anything that is still held: until then its page says how to.
-- params: app_id smallint
-- columns: has_data boolean
select exists (select from events where app_id = %(app_id)s::smallint)
    or exists (select from crashes where app_id = %(app_id)s::smallint) as has_data
