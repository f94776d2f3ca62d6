-- Changes those columns of an app that `changed` names. Of its patterns the two settings before are kept.
-- params: slug text, changed text[], name text, timezone text, retention_days integer,
--   content_days integer, hash_rotation text, funnel jsonb, events jsonb, accepts text, grouping jsonb,
--   long_names jsonb, ignored_environments text[]
-- columns: none
update apps set
    name = case when 'name' = any (%(changed)s::text[]) then %(name)s else name end,
    timezone = case when 'timezone' = any (%(changed)s::text[]) then %(timezone)s else timezone end,
    retention_days = case when 'retention_days' = any (%(changed)s::text[])
                          then %(retention_days)s::integer else retention_days end,
    content_days = case when 'content_days' = any (%(changed)s::text[])
                        then %(content_days)s::integer else content_days end,
    hash_rotation = case when 'hash_rotation' = any (%(changed)s::text[])
                         then %(hash_rotation)s else hash_rotation end,
    funnel = case when 'funnel' = any (%(changed)s::text[]) then funnel || %(funnel)s::jsonb else funnel end,
    events = case when 'events' = any (%(changed)s::text[]) then %(events)s::jsonb else events end,
    accepts = case when 'accepts' = any (%(changed)s::text[]) then %(accepts)s else accepts end,
    ignored_environments = case when 'ignored_environments' = any (%(changed)s::text[])
                                then %(ignored_environments)s::text[] else ignored_environments end,
    former_groupings = case when 'grouping' = any (%(changed)s::text[])
                             and grouping || %(grouping)s::jsonb <> grouping
                            then jsonb_path_query_array(jsonb_build_array(grouping) || former_groupings, '$[0 to 1]')
                            else former_groupings end,
    grouping = case when 'grouping' = any (%(changed)s::text[])
                    then grouping || %(grouping)s::jsonb else grouping end,
    long_names = case when 'long_names' = any (%(changed)s::text[])
                      then long_names || %(long_names)s::jsonb else long_names end
where slug = %(slug)s
