-- How a job's last run went, by the database's clock; an error stays until the next one.
-- params: job text, seconds double precision, error text
-- columns: none
insert into jobs (name, started_at, ended_at, seconds, last_error, error_at)
values (%(job)s, now() - make_interval(secs => %(seconds)s), now(), %(seconds)s, %(error)s::text,
        case when %(error)s::text is not null then now() end)
on conflict (name) do update set
    started_at = excluded.started_at, ended_at = excluded.ended_at, seconds = excluded.seconds,
    last_error = coalesce(excluded.last_error, jobs.last_error),
    error_at = coalesce(excluded.error_at, jobs.error_at)
