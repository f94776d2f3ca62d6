-- Versions, platforms, countries and labels that have no place on their day become "other", and so do versions and
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
  and (slice.app_id, slice.day, slice.country) = (others.app_id, others.day, others.value);
update label_facts set app_version = 'other' from other_values as others
where others.event = '' and others.property = 'version'
  and (label_facts.app_id, label_facts.day, label_facts.app_version) = (others.app_id, others.day, others.value);
update label_facts set platform = 'other' from other_values as others
where others.event = '' and others.property = 'platform'
  and (label_facts.app_id, label_facts.day, label_facts.platform) = (others.app_id, others.day, others.value);
update label_facts set country = 'other' from other_values as others
where others.event = '' and others.property = 'country'
  and (label_facts.app_id, label_facts.day, label_facts.country) = (others.app_id, others.day, others.value);
update label_facts set label = 'other' from other_values as others
where others.event <> ''
  and (label_facts.app_id, label_facts.event, label_facts.property, label_facts.day, label_facts.label)
    = (others.app_id, others.event, others.property, others.day, others.value)
