-- The server's major version, the encoding of its texts, and whether it has Citus.
-- params: none
-- columns: version integer, encoding text, has_citus boolean
select
    current_setting('server_version_num')::int / 10000 as version,
    current_setting('server_encoding') as encoding,
    to_regproc('create_distributed_table') is not null as has_citus
