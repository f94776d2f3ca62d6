-- The issues that were there before the slice into `slice_issues`, and how many people are new to each, whichever of its
-- groups they meet. Only who is new to a group of several is looked up in the others: where statistics knew
-- of no row yet, 15,000 lookups read the whole of a group each.
-- params: none
-- columns: none
with touched as materialized (
    select distinct issue_id from slice_groups where issue_id is not null
), shared as materialized (
    select issue_id from touched
    where (select count(*) from (
               select from groups where groups.issue_id = touched.issue_id limit 2) as first_two) > 1
), new as materialized (
    select distinct sliced.issue_id, slice_people.user_id
    from slice_groups as sliced join slice_people using (app_id, fingerprint)
    where sliced.issue_id is not null
), held as materialized (
    select new.issue_id, new.user_id, own.app_id, own.fingerprint
    from new join shared using (issue_id), lateral (
        select app_id, fingerprint from groups where groups.issue_id = new.issue_id offset 0
    ) as own
    where (select true from group_people as held
           where (held.user_id, held.app_id, held.fingerprint) = (new.user_id, own.app_id, own.fingerprint))
), known as materialized (
    select distinct held.issue_id, held.user_id
    from held
    where not exists (select from slice_people as met
                      where (met.user_id, met.app_id, met.fingerprint)
                          = (held.user_id, held.app_id, held.fingerprint))
), counted as (
    select issue_id, count(*) as people
    from new
    where not exists (select from known
                      where (known.issue_id, known.user_id) = (new.issue_id, new.user_id))
    group by issue_id
)
insert into slice_issues (issue_id, people)
select issue_id, coalesce(people, 0) from touched left join counted using (issue_id)
