/*
title    = "Problems with the evidence"
question = "What is damaged, unusual or contradictory in the loaded evidence?"
attack   = []
source   = "The ledger of the case; AWS CloudTrail User Guide on duplicate delivery"
misses   = "Files that were never given to this case, and content that was changed before it was loaded."
first    = "kind uri problem eventID"
columns  = "kind evidence_id record_index uri eventID problem"
never_null = "evidence_id"
[notes]
kind         = "VARCHAR; object_damaged, event_id_conflict, no_event_time, …"
evidence_id  = "INTEGER; the affected file"
record_index = "INTEGER; the affected record; NULL for a whole file"
uri          = "VARCHAR; location of the file"
eventID      = "VARCHAR; NULL for a whole file"
problem      = "VARCHAR; in words"
*/
SELECT kind, evidence_id, record_index, uri, eventID, problem
FROM evidence_problems
ORDER BY evidence_id, record_index NULLS FIRST, kind, problem
