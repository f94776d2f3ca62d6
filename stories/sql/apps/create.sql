-- A new app; the first of its kind is the kind's default.
-- params: slug text, kind text, name text
-- columns: none
insert into apps (slug, kind, name, is_default)
values (%(slug)s, %(kind)s, %(name)s,
        not exists (select from apps where kind = %(kind)s and is_default))
