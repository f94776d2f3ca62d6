-- The server's major version, and the encoding of its texts.
-- params: none
-- columns: version integer, encoding text
select
    current_setting('server_version_num')::int / 10000 as version,
    current_setting('server_encoding') as encoding
