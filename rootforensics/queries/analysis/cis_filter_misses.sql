/*
question = "Which root activity would the CIS alarm filter not have matched?"
misses   = "Whether an alarm was set up, and whether it reached anyone."
columns  = "evidence_id record_index cis_match"
never_null = "evidence_id record_index"
[notes]
cis_match = "BOOLEAN; false, or NULL if the record does not show it"
*/
SELECT evidence_id, record_index, cis_match
FROM root_activity
WHERE cis_match IS DISTINCT FROM true
