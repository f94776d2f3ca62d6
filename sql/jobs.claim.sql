-- Claims a daily job that is due; no row if it is not, or somebody else has it.
-- params: job text, hours double precision
-- columns: name text
insert into jobs (name, started_at) values (%(job)s, now())
on conflict (name) do update set started_at = now()
    where jobs.started_at is null
       or jobs.started_at < now() - make_interval(secs => %(hours)s * 3600)
returning name
