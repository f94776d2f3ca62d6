-- Versions, platforms and countries that have no place on their day become "other", and so do versions and
-- platforms that intake left out because they did not look like one.
-- params: none
-- columns: none
update slice set app_version = 'other' where app_version is null and properties -> '_notes' ? 'app_version';
update slice set platform = 'other' where platform is null and properties -> '_notes' ? 'platform';
update slice set app_version = 'other' from other_values as others
where others.event = '' and others.property = 'version'
  and (slice.app_id, slice.day, slice.app_version) = (others.app_id, others.day, others.value);
update slice set platform = 'other' from other_values as others
where others.event = '' and others.property = 'platform'
  and (slice.app_id, slice.day, slice.platform) = (others.app_id, others.day, others.value);
update slice set country = 'other' from other_values as others
where others.event = '' and others.property = 'country'
  and (slice.app_id, slice.day, slice.country) = (others.app_id, others.day, others.value)
