-- PostgreSQL's version as a number: 170002 for 17.2.
-- params: none
-- columns: version integer
select current_setting('server_version_num')::integer as version
