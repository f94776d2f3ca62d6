-- People of an app in any order, as report.people has them by last activity. Keys of all kinds become
-- text in which digits are padded, so that 9 comes before 10 and 0.9.9 before 0.9.10; 45 characters
-- fit into a cursor whatever they are.
-- params: app_id smallint, sort text, ascending boolean, last_key text, last_user_id uuid, limit integer
-- columns: sort_key text, user_id uuid, external_id text, first_seen timestamptz,
--   last_seen timestamptz, last_active timestamptz, events bigint, crashes bigint, app_version text,
--   platform text, country text, counts jsonb
with sorted as (
    select people.*, left(regexp_replace(regexp_replace(coalesce(plain, ''), '(\d+)',
               '0000000000\1', 'g'), '0*(\d{10,})', '\1', 'g'), 45) collate "C" as sort_key
    from (
        select users.*, greatest(last_seen, last_crash) as last_active,
               case %(sort)s::text
                   when 'first_seen' then to_char(first_seen at time zone 'utc', 'YYYYMMDDHH24MISSUS')
                   when 'last_active' then to_char(greatest(last_seen, last_crash) at time zone 'utc',
                                                   'YYYYMMDDHH24MISSUS')
                   when 'events' then events::text
                   when 'crashes' then crashes::text
                   when 'version' then app_version
                   when 'platform' then platform
                   when 'country' then country
                   when 'messages' then (coalesce((counts ->> 'user_message')::bigint, 0)
                                         + coalesce((counts ->> 'ai_message')::bigint, 0))::text
                   else coalesce(counts ->> %(sort)s::text, '0')
               end as plain
        from users
        where app_id = %(app_id)s::smallint
    ) as people
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
