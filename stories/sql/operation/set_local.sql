-- Changes a setting to the end of the transaction, as SET LOCAL does.
-- params: setting text, value text
-- columns: set_config text
select set_config(%(setting)s, %(value)s, true)
