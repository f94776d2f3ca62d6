-- Notes of which apps something of nobody has come; once an app.
-- params: none
-- columns: none
update apps set has_nobody = true
where not has_nobody and app_id in (select app_id from slice where not is_person(user_id))
