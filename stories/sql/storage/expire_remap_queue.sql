-- Forgets crashes that wait to be mapped anew since before a time.
-- params: before timestamptz
-- columns: none
delete from remap_queue where since < %(before)s
