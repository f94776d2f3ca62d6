-- Notes how far a job is, to be read while it runs.
-- params: job text, note text (empty: it is through)
-- columns: none
insert into jobs (name, note) values (%(job)s, %(note)s)
on conflict (name) do update set note = excluded.note
