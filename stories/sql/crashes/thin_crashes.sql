-- Of a group's crashes that are kept whole, those beyond `most` into `thinned`. Kept are the first 5, the last 20,
-- the first of every version, the newest first; then those whose running number has the most trailing zeros
-- in binary: an even spread over all crashes, the same every night.
-- params: app_id smallint, fingerprint bytea, most integer
-- columns: none
with numbered as (
    select user_id, timestamp, dedupe_key, app_version, stack_trace is not null or context is not null as whole,
           row_number() over (order by timestamp, dedupe_key) as number
    from crashes
    where app_id = %(app_id)s::smallint and fingerprint = %(fingerprint)s::bytea
), whole as (
    select * from numbered where whole
), ranked as (
    select whole.*,
           case when row_number() over (order by number) <= 5
                  or row_number() over (order by number desc) <= 20 then 0
                when row_number() over (partition by app_version order by number) = 1 then 1
                else 2 end as class
    from whole
), placed as (
    select ranked.*,
           row_number() over (order by class, case when class = 2 then number & -number end desc,
                                          number desc) as place
    from ranked
)
insert into thinned select user_id, timestamp, dedupe_key from placed where place > %(most)s
