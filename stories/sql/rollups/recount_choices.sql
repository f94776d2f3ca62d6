-- Keeps the choices of values, the numbers of series and facets, and the names of labels that a recount came upon.
-- params: none
-- columns: none
insert into public.kept_values select * from kept_values on conflict do nothing;
insert into public.series select * from series on conflict do nothing;
insert into public.facets select * from facets on conflict do nothing;
insert into public.label_names as kept select * from label_names
    on conflict (app_id, property, label) do update set name = excluded.name, named_at = excluded.named_at
        where (excluded.named_at, excluded.name) > (kept.named_at, kept.name);
