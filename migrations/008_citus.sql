-- What the fold and the recount need so that their statements also run where the tables of people are
-- distributed by Citus.
begin;

-- What is held of the people that a slice touches. Views, which cost nothing; on Citus, which cannot look
-- rows of distributed tables up one by one, the fold makes temporary tables of these names, which hide
-- them (sql/rollups/copy_events, copy_people). A migration that adds a column to one of the tables replaces
-- its view.
create view held_events as select * from events;
create view held_crashes as select * from crashes;
create view held_people as select * from users;
create view held_days as select * from person_days;
create view held_sessions as select * from sessions;

-- Compares what is kept of a rollup with its recount. What is kept is copied first: a worker of Citus
-- knows nothing of sealed days.
create or replace function recount_differences(
    name text, by_day boolean, amount text, since date, until date
) returns setof jsonb language plpgsql as $$
declare
    span text := case when by_day then format('day between %L and %L', since, until) else 'true' end
        || case when amount <> '' then format(' and %I <> 0', amount) else '' end;
    counted text := span || case when by_day then ' and not is_sealed(app_id, day)' else '' end;
begin
    drop table if exists pg_temp.kept_rows;
    execute format('create temporary table kept_rows on commit drop as
                    select * from public.%I where %s', name, span);
    return query execute format(
        'select jsonb_build_object(''kept'', to_jsonb(kept), ''recounted'', null)
         from (select * from kept_rows where %2$s except select * from pg_temp.%1$I where %2$s) as kept
         union all
         select jsonb_build_object(''kept'', null, ''recounted'', to_jsonb(recounted))
         from (select * from pg_temp.%1$I where %2$s except select * from kept_rows where %2$s)
             as recounted', name, counted);
end $$;

-- Puts the recount in the place of what is kept: an app at a time, so that a worker of Citus is told
-- which days to leave alone.
create or replace function recount_exchange(name text, by_day boolean, since date, until date)
returns void language plpgsql as $$
declare
    app record;
begin
    if not by_day then
        execute format('delete from public.%I', name);
        execute format('insert into public.%1$I select * from pg_temp.%1$I', name);
        return;
    end if;
    for app in
        select app_id, greatest(whole_since, since) as first,
               array(select day from sealed_days as days
                     where days.app_id = apps.app_id and is_sealed(days.app_id, day)) as sealed
        from apps
    loop
        execute format('delete from public.%I where app_id = $1 and day between $2 and $3
                        and day <> all ($4)', name)
            using app.app_id, app.first, until, app.sealed;
        execute format('insert into public.%1$I select * from pg_temp.%1$I
                        where app_id = $1 and day between $2 and $3 and day <> all ($4)', name)
            using app.app_id, app.first, until, app.sealed;
    end loop;
end $$;

insert into schema_migrations (name) values ('008_citus');
commit;
