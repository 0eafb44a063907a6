/*
question = "Which root events name an AWS service as the caller, but were probably made by a person?"
misses   = "Calls by a person that have a service's mark and no network address."
columns  = "eventTime eventID evidence_id record_index"
never_null = "evidence_id record_index"
*/
SELECT eventTime, eventID, evidence_id, record_index FROM noise_like_people
ORDER BY eventTime NULLS LAST, eventID, evidence_id, record_index
