-- Deletes a person's keys from the list of what broke the fold: those whose events and crashes are gone.
-- params: user_id uuid, app_id smallint
-- columns: none
delete from set_aside as aside
where user_id = %(user_id)s::uuid
  and (%(app_id)s::smallint is null
       or not exists (select 1 from events as held
                      where aside.kind = 'event'
                        and (held.user_id, held.timestamp, held.dedupe_key)
                          = (aside.user_id, aside.timestamp, aside.dedupe_key))
      and not exists (select 1 from crashes as held
                      where aside.kind = 'crash'
                        and (held.user_id, held.timestamp, held.dedupe_key)
                          = (aside.user_id, aside.timestamp, aside.dedupe_key)))
