-- How many crashes of some groups are stored whole (with their stack or context), and how many of their
-- handled errors.
-- params: app_id smallint, fingerprints bytea[]
-- columns: kept bigint
select (select count(*) from crashes
        where app_id = %(app_id)s::smallint and fingerprint = any (%(fingerprints)s::bytea[])
          and (stack_trace is not null or context is not null))
     + (select count(*) from error_details
        where app_id = %(app_id)s::smallint and fingerprint = any (%(fingerprints)s::bytea[])) as kept
