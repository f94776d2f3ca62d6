-- What the artifacts of all apps take.
-- params: none
-- columns: bytes bigint
select coalesce(sum(kept_bytes), 0)::bigint as bytes from artifacts
