-- Deletes the rows of people_now that count nobody any more: a person's next day leaves some behind.
-- params: none
-- columns: none
delete from people_now where people = 0
