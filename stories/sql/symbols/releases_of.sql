-- Of which releases an artifact is.
-- params: artifact_id bigint
-- columns: release text, dist text
select release, dist from artifact_releases where artifact_id = %(artifact_id)s::bigint
order by release, dist
