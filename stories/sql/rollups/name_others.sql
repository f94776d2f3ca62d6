-- Versions, platforms and countries that have no place on their day become "other".
-- params: none
-- columns: none
update slice set app_version = 'other' from other_values as others
where others.event = '' and others.property = 'version'
  and (slice.app_id, slice.day, slice.app_version) = (others.app_id, others.day, others.value);
update slice set platform = 'other' from other_values as others
where others.event = '' and others.property = 'platform'
  and (slice.app_id, slice.day, slice.platform) = (others.app_id, others.day, others.value);
update slice set country = 'other' from other_values as others
where others.event = '' and others.property = 'country'
  and (slice.app_id, slice.day, slice.country) = (others.app_id, others.day, others.value)
