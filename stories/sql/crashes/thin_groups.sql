-- Groups that may hold more whole crashes than are kept.
-- params: most integer
-- columns: app_id smallint, fingerprint bytea
select app_id, fingerprint from groups where n > %(most)s order by app_id, fingerprint
