-- Items that came with an id but without a time are stamped on arrival. A retry would be stamped anew, so
-- a keyed hash of sender and id is claimed once; two that come at the same moment meet here.
begin;

create table claims (
    claim      bigint primary key,
    timestamp  timestamptz not null
);
create index claims_age on claims (timestamp);

insert into schema_migrations (name) values ('005_claims');
commit;
