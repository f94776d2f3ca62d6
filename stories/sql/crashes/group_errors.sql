-- A page of a group's handled errors as far as they are kept, as group_crashes has its crashes: what one
-- says is in its details, where it happened in its event.
-- params: app_id smallint, fingerprint bytea, ascending boolean, last_timestamp timestamptz,
--   last_user_id uuid, last_key bigint, limit integer
-- columns: timestamp timestamptz, dedupe_key bigint, received_at timestamptz, user_id uuid,
--   crash_type text, app_version text, os_version text, session_id text, channel text, error_message text,
--   stack_trace text, context jsonb, fingerprint bytea, handled boolean, kept boolean, detail jsonb
(
    select error_details.timestamp, error_details.dedupe_key, received_at, error_details.user_id,
           properties ->> 'type' as crash_type, app_version, platform as os_version, session_id,
           coalesce(channel, 'release') as channel,
           detail ->> 'error_message' as error_message, detail ->> 'stack_trace' as stack_trace,
           detail -> 'context' as context, fingerprint, true as handled, true as kept, detail
    from error_details join events using (user_id, timestamp, dedupe_key)
    where not %(ascending)s::boolean
      and error_details.app_id = %(app_id)s::smallint and error_details.fingerprint = %(fingerprint)s::bytea
      and (%(last_timestamp)s::timestamptz is null
           or error_details.timestamp <= %(last_timestamp)s::timestamptz
              and (error_details.timestamp, error_details.user_id, error_details.dedupe_key)
                < (%(last_timestamp)s::timestamptz, %(last_user_id)s::uuid, %(last_key)s::bigint))
    order by error_details.timestamp desc, error_details.user_id desc, error_details.dedupe_key desc
    limit %(limit)s
)
union all
(
    select error_details.timestamp, error_details.dedupe_key, received_at, error_details.user_id,
           properties ->> 'type' as crash_type, app_version, platform as os_version, session_id,
           coalesce(channel, 'release') as channel,
           detail ->> 'error_message' as error_message, detail ->> 'stack_trace' as stack_trace,
           detail -> 'context' as context, fingerprint, true as handled, true as kept, detail
    from error_details join events using (user_id, timestamp, dedupe_key)
    where %(ascending)s::boolean
      and error_details.app_id = %(app_id)s::smallint and error_details.fingerprint = %(fingerprint)s::bytea
      and (%(last_timestamp)s::timestamptz is null
           or error_details.timestamp >= %(last_timestamp)s::timestamptz
              and (error_details.timestamp, error_details.user_id, error_details.dedupe_key)
                > (%(last_timestamp)s::timestamptz, %(last_user_id)s::uuid, %(last_key)s::bigint))
    order by error_details.timestamp, error_details.user_id, error_details.dedupe_key
    limit %(limit)s
)
