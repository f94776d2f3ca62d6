-- How many links an app has, up to the limit.
-- params: app_id smallint, most integer
-- columns: links integer
select count(*)::integer as links
from (select from person_links where app_id = %(app_id)s limit %(most)s) as counted
