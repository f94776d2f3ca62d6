-- What may make room, the least recently used first: nothing that this transaction has added, nor what is
-- of an app's newest three releases with artifacts (those without numbers by their upload).
-- params: none
-- columns: artifact_id bigint, kept_bytes bigint
with releases_with as (
    select app_id, release, row_number() over (
        partition by app_id
        order by version_key(release) desc nulls last, max(uploaded_at) desc, release desc
    ) as place
    from artifact_releases join artifacts using (app_id, artifact_id)
    group by app_id, release
), newest as (
    select artifact_id from artifact_releases join releases_with using (app_id, release) where place <= 3
)
select artifact_id, kept_bytes from artifacts
where uploaded_at < now() and artifact_id not in (select artifact_id from newest)
order by greatest(used_at, uploaded_at), artifact_id
