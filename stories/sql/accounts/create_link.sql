-- A new share link.
-- params: link_id text, secret_digest bytea, name text, app_id smallint, page text, question jsonb,
--   password text, frame_sites text[], account_id integer, expires_at timestamptz
-- columns: none
insert into share_links (link_id, secret_digest, name, app_id, page, question, password, frame_sites,
                         account_id, expires_at)
values (%(link_id)s::text, %(secret_digest)s::bytea, %(name)s::text, %(app_id)s::smallint, %(page)s::text,
        %(question)s::jsonb, %(password)s::text, %(frame_sites)s::text[], %(account_id)s::integer,
        %(expires_at)s::timestamptz)
