-- What became of the same file sent before: waiting, stored and still there, or failed just now.
-- params: app_id smallint, sha1 bytea, kind text, release text, dist text, seconds integer (a failure counts)
-- columns: upload_id bigint, state text, detail text, stored jsonb, queued integer
select upload_id, state, detail, stored, queued from uploads
where app_id = %(app_id)s::smallint and sha1 = %(sha1)s::bytea and kind = %(kind)s::text
  and release is not distinct from %(release)s::text and dist is not distinct from %(dist)s::text
  and case state
      when 'stored' then not exists (
          select from jsonb_array_elements(stored) as entry
          where not exists (select from artifacts where artifact_id = (entry ->> 'artifact_id')::bigint)
      )
      when 'failed' then ended_at > now() - make_interval(secs => %(seconds)s::integer)
      else true
  end
order by upload_id desc
limit 1
