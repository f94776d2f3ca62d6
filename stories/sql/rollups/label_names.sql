-- The latest name that a persona was sent with.
-- params: none
-- columns: none
insert into label_names (app_id, property, label, name, named_at)
select distinct on (app_id, properties ->> 'persona_id') app_id, 'persona_id',
       properties ->> 'persona_id', properties ->> 'persona_name', timestamp
from slice
where kind = 'event' and properties ? 'persona_id' and properties ->> 'persona_name' is not null
  and jsonb_typeof(properties -> 'persona_id') = 'string'
order by app_id, properties ->> 'persona_id', timestamp desc, properties ->> 'persona_name' desc
on conflict (app_id, property, label) do update set name = excluded.name, named_at = excluded.named_at
    where (excluded.named_at, excluded.name) > (label_names.named_at, label_names.name)
