/*
question = "Which records were delivered more than once, and which event does each repeat?"
misses   = "Duplicates in logs that are not in the case."
columns  = "eventID evidence_id record_index kept_evidence_id kept_record_index"
never_null = "evidence_id record_index kept_evidence_id kept_record_index"
[notes]
kept_evidence_id  = "INTEGER; the file with the event"
kept_record_index = "INTEGER; its position there, from 0"
*/
SELECT *
FROM duplicates
