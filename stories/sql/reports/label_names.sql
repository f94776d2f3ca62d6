-- The latest names of a property's labels.
-- params: app_id smallint, property text
-- columns: label text, name text
select label, name
from label_names
where app_id = %(app_id)s and property = %(property)s
