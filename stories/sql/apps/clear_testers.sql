-- Empties an app's own list of testers.
-- params: slug text
-- columns: none
delete from testers where app_id = (select app_id from apps where slug = %(slug)s)
