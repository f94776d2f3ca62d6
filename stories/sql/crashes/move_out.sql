-- Takes the share of the moving crashes and handled errors, counted into temporary tables by the fold's steps,
-- out of the groups that they leave; then gives them their new fingerprints, which leave `also`, and the tables
-- their names back.
-- params: none
-- columns: none
analyze moves;
insert into moved_groups
    select app_id, fingerprint, count(*), min(timestamp), max(timestamp) from slice
    where fingerprint is not null group by app_id, fingerprint;
insert into moved_people
    select user_id, app_id, fingerprint, count(*), max(timestamp) from slice
    where fingerprint is not null group by user_id, app_id, fingerprint;
update public.group_days as held set n = held.n - moved.n
    from pg_temp.group_days as moved
    where (held.app_id, held.fingerprint, held.dim, held.value, held.day)
        = (moved.app_id, moved.fingerprint, moved.dim, moved.value, moved.day);
delete from public.group_days as held using moved_groups as moved
    where (held.app_id, held.fingerprint) = (moved.app_id, moved.fingerprint) and held.n <= 0;
update public.group_hours as held set n = held.n - moved.n
    from pg_temp.group_hours as moved
    where (held.app_id, held.fingerprint, held.hour) = (moved.app_id, moved.fingerprint, moved.hour);
delete from public.group_hours as held using moved_groups as moved
    where (held.app_id, held.fingerprint) = (moved.app_id, moved.fingerprint) and held.n <= 0;
update group_people as held set n = held.n - moved.n
    from moved_people as moved
    where (held.user_id, held.app_id, held.fingerprint) = (moved.user_id, moved.app_id, moved.fingerprint);
delete from group_people as held using moved_people as moved
    where (held.user_id, held.app_id, held.fingerprint) = (moved.user_id, moved.app_id, moved.fingerprint)
      and held.n <= 0;
update groups set n = groups.n - moved.n
    from moved_groups as moved
    where (groups.app_id, groups.fingerprint) = (moved.app_id, moved.fingerprint);
update crashes set fingerprint = moves.fingerprint,
                   also = nullif(array_remove(
                       case when moves.former is null then also else moves.former || array_remove(also, moves.former) end,
                       moves.fingerprint), '{}')
    from moves
    where moves.kind = 'crash' and (crashes.user_id, crashes.timestamp, crashes.dedupe_key)
        = (moves.user_id, moves.timestamp, moves.dedupe_key);
update events set properties = properties - array['also', 'title', 'crash_type'] || jsonb_strip_nulls(jsonb_build_object(
        'fingerprint', encode(moves.fingerprint, 'hex'),
        'also', nullif(case when moves.former is null then properties -> 'also' else jsonb_build_array(encode(moves.former, 'hex'))
            || coalesce((properties -> 'also') - encode(moves.former, 'hex'), '[]') end - encode(moves.fingerprint, 'hex'), '[]')))
    from moves
    where moves.kind = 'event' and (events.user_id, events.timestamp, events.dedupe_key)
        = (moves.user_id, moves.timestamp, moves.dedupe_key);
update error_details set fingerprint = moves.fingerprint
    from moves
    where moves.kind = 'event' and (error_details.user_id, error_details.timestamp, error_details.dedupe_key)
        = (moves.user_id, moves.timestamp, moves.dedupe_key);
update slice set fingerprint = moves.fingerprint,
                 properties = slice.properties - 'also' || jsonb_strip_nulls(jsonb_build_object(
                     'also', nullif(case when moves.former is null then slice.properties -> 'also' else jsonb_build_array(encode(moves.former, 'hex'))
            || coalesce((slice.properties -> 'also') - encode(moves.former, 'hex'), '[]') end - encode(moves.fingerprint, 'hex'), '[]')))
    from moves
    where (slice.kind, slice.user_id, slice.timestamp, slice.dedupe_key)
        = (moves.kind, moves.user_id, moves.timestamp, moves.dedupe_key);
drop table pg_temp.group_days, pg_temp.group_hours
