-- Removes from error_details what the slice names of erased people: of crashes and of handled errors.
-- params: none
-- columns: none
delete from error_details using erased_keys as keys
where (error_details.user_id, error_details.timestamp, error_details.dedupe_key)
    = (keys.user_id, keys.timestamp, keys.dedupe_key)
