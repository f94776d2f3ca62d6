-- Puts the recounted totals into groups and issues. A mute that waits for more waits for as many more.
-- params: none
-- columns: none
update groups set n = counted.n
from group_counts as counted
where (counted.app_id, counted.fingerprint) = (groups.app_id, groups.fingerprint) and counted.n <> groups.n;
update issues
set n = counted.n, people = counted.people,
    mute_from = mute_from + case mute when 'crashes' then counted.n - issues.n
                                      when 'people' then counted.people - issues.people else 0 end
from issue_counts as counted
where counted.issue_id = issues.issue_id and (counted.n, counted.people) <> (issues.n, issues.people);
