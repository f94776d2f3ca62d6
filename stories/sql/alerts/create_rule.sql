-- Makes a rule, unless there are too many.
-- params: app_id smallint, name text, kind text, settings text (JSON), destination_ids integer[], for_minutes integer,
--   is_on boolean, created_by text, most integer
-- columns: rule_id integer (no row: too many)
insert into alert_rules (app_id, name, kind, settings, destination_ids, for_minutes, is_on, created_by)
select %(app_id)s::smallint, %(name)s, %(kind)s, %(settings)s::jsonb, %(destination_ids)s::integer[], %(for_minutes)s,
       %(is_on)s, %(created_by)s
where (select count(*) from alert_rules) < %(most)s
returning rule_id
