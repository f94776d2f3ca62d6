-- The latest name that a bot's persona was sent with; only bots name personas, under a key. What is no
-- label by rollups/kept_values has no name either.
-- params: none
-- columns: none
insert into label_names (app_id, property, label, name, named_at)
select distinct on (app_id, label) app_id, 'persona_id', label, left(name, 200), timestamp
from (
    select app_id, event, day, timestamp, properties ->> 'persona_id' as label,
           properties ->> 'persona_name' as name
    from slice
    where kind = 'event' and properties ? 'persona_id' and properties ->> 'persona_name' is not null
      and jsonb_typeof(properties -> 'persona_id') = 'string'
      and app_id in (select app_id from apps where kind = 'bot')
) as named
where exists (select from kept_values as kept
              where (kept.app_id, kept.event, kept.property, kept.day, kept.value)
                  = (named.app_id, named.event, 'persona_id', named.day, named.label))
order by app_id, label, timestamp desc, name desc
on conflict (app_id, property, label) do update set name = excluded.name, named_at = excluded.named_at
    where (excluded.named_at, excluded.name) > (label_names.named_at, label_names.name)
