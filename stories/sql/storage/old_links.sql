-- Some people of an app, in order, whose links are all from before a time.
-- params: app_id smallint, cutoff timestamptz, after uuid (null: from the first), most integer
-- columns: user_id uuid
select user_id
from person_links
where app_id = %(app_id)s and (%(after)s::uuid is null or user_id > %(after)s::uuid)
group by user_id
having max(linked_at) < %(cutoff)s
order by user_id
limit %(most)s
