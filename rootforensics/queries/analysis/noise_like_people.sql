/*
question = "Which root events name an AWS service as the caller and are probably a person's?"
misses   = "Calls of a person that come with a service's mark and from no network address."
columns  = "eventTime eventID evidence_id record_index"
never_null = "evidence_id record_index"
*/
SELECT eventTime, eventID, evidence_id, record_index FROM noise_like_people
ORDER BY eventTime NULLS LAST, eventID, evidence_id, record_index
