-- Claims a daily job that is due; no row if it is not, or somebody else has it. One whose last run
-- failed is due again sooner.
-- params: job text, hours double precision, again double precision (hours after a failure)
-- columns: name text
insert into jobs (name, started_at) values (%(job)s, now())
on conflict (name) do update set started_at = now()
    where jobs.started_at is null
       or jobs.started_at < now() - make_interval(secs => %(hours)s * 3600)
       or (jobs.error_at >= jobs.started_at
           and jobs.error_at < now() - make_interval(secs => %(again)s * 3600))
returning name
