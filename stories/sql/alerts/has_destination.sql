-- Whether a destination has a name.
-- params: name text
-- columns: taken boolean
select exists (select from destinations where name = %(name)s) as taken
