/*
question = "Which eventIDs do several events have?"
misses   = "IDs whose other events are not in the case."
columns  = "eventID"
never_null = "eventID"
[notes]
eventID = "VARCHAR"
*/
-- Hashes first: they take a fraction of the memory and time of the IDs.
SELECT eventID
FROM events
WHERE eventID IS NOT NULL AND hash(eventID) IN (SELECT hash(eventID) FROM events GROUP BY 1 HAVING count(*) > 1)
GROUP BY eventID HAVING count(*) > 1
