-- People of an app in any order, as people.sql has them by last activity. Keys of all kinds become
-- text: numbers padded, in names every number (so 0.9.9 comes before 0.9.10; 16 us a person); 45 characters
-- fit into a cursor whatever they are.
-- params: app_id smallint, sort text, ascending boolean, last_key text, last_user_id uuid, limit integer,
--   matches boolean
-- columns: sort_key text, user_id uuid, external_id text, first_seen timestamptz,
--   last_seen timestamptz, last_active timestamptz, events bigint, crashes bigint, app_version text,
--   platform text, country text, counts jsonb
with sorted as (
    select users.*, greatest(last_seen, last_crash) as last_active, coalesce(
               case
                   when %(sort)s::text in ('version', 'platform') then
                       left(regexp_replace(regexp_replace(
                           case %(sort)s::text when 'version' then app_version else platform end,
                           '(\d+)', '0000000000\1', 'g'), '0*(\d{10,})', '\1', 'g'), 45)
                   when %(sort)s::text = 'country' then country
                   when %(sort)s::text in ('first_seen', 'last_active') then
                       to_char(case %(sort)s::text when 'first_seen' then first_seen
                               else greatest(last_seen, last_crash) end at time zone 'utc',
                               'YYYYMMDDHH24MISSUS')
                   else lpad(case %(sort)s::text
                       when 'events' then events
                       when 'crashes' then crashes
                       when 'messages' then coalesce((counts ->> 'user_message')::bigint, 0)
                                            + coalesce((counts ->> 'ai_message')::bigint, 0)
                       else coalesce((counts ->> %(sort)s::text)::bigint, 0) end::text, 19, '0')
               end, '') collate "C" as sort_key
    from users
    where app_id = %(app_id)s::smallint and %(matches)s
)
select sort_key, sorted.user_id, external_id, first_seen, last_seen, last_active, events, crashes,
       app_version, platform, country, counts
from sorted left join external_ids using (user_id, app_id)
where %(last_key)s::text is null
   or %(ascending)s::boolean and (sort_key, user_id) > (%(last_key)s::text, %(last_user_id)s::uuid)
   or not %(ascending)s::boolean and (sort_key, user_id) < (%(last_key)s::text, %(last_user_id)s::uuid)
order by case when %(ascending)s::boolean then sort_key end,
         case when not %(ascending)s::boolean then sort_key end desc,
         case when %(ascending)s::boolean then user_id end,
         case when not %(ascending)s::boolean then user_id end desc
limit %(limit)s
