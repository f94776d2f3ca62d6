-- Changes those columns of a rule that are given.
-- params: rule_id integer, name text, settings text (JSON), destination_ids integer[], for_minutes integer, is_on boolean
-- columns: none
update alert_rules set
    name = coalesce(%(name)s, name),
    settings = coalesce(%(settings)s::jsonb, settings),
    destination_ids = coalesce(%(destination_ids)s::integer[], destination_ids),
    for_minutes = coalesce(%(for_minutes)s::integer, for_minutes),
    is_on = coalesce(%(is_on)s::boolean, is_on)
where rule_id = %(rule_id)s::integer
