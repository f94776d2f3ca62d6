-- Rollups in less room.
begin;

-- How much room each rollup took, indexes included, when it was rebuilt last: storage/compaction.py rebuilds what has grown.
create table compacted_tables (
    name         text primary key,
    bytes_a_row  real not null,
    compacted_at timestamptz not null default now()
);

insert into schema_migrations (name) values ('026_compact_rollups');
commit;
