-- Leaves only the rows of the crashes and handled errors in `thinned`. They stay counted.
-- params: none
-- columns: none
analyze thinned;
update crashes set stack_trace = null, context = null
    from thinned
    where (crashes.user_id, crashes.timestamp, crashes.dedupe_key)
        = (thinned.user_id, thinned.timestamp, thinned.dedupe_key);
delete from error_details
    using thinned
    where (error_details.user_id, error_details.timestamp, error_details.dedupe_key)
        = (thinned.user_id, thinned.timestamp, thinned.dedupe_key)
