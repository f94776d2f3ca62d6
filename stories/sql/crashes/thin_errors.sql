-- Of an app's handled errors whose details are kept, those beyond `most` of a group into `thinned`, by the rules of
-- thin_crashes.sql; the running number is of those that are kept.
-- params: app_id smallint, most integer
-- columns: none
with whole as (
    select error_details.user_id, error_details.timestamp, error_details.dedupe_key, events.app_version,
           events.properties ->> 'fingerprint' as fingerprint,
           row_number() over (partition by events.properties ->> 'fingerprint'
                              order by error_details.timestamp, error_details.dedupe_key) as number
    from error_details
    join events on (events.user_id, events.timestamp, events.dedupe_key)
                 = (error_details.user_id, error_details.timestamp, error_details.dedupe_key)
    where error_details.app_id = %(app_id)s::smallint and events.event = 'error_handled'
), ranked as (
    select whole.*,
           case when row_number() over (partition by fingerprint order by number) <= 5
                  or row_number() over (partition by fingerprint order by number desc) <= 20 then 0
                when row_number() over (partition by fingerprint, app_version order by number) = 1 then 1
                else 2 end as class
    from whole
), placed as (
    select ranked.*,
           row_number() over (partition by fingerprint order by class, case when class = 2 then number & -number end desc,
                                          number desc) as place
    from ranked
)
insert into thinned select user_id, timestamp, dedupe_key from placed where place > %(most)s
