/*
question = "Which files have records without requestParameters?"
misses   = "Single records without them, in files that otherwise have them."
columns  = "evidence_id"
never_null = "evidence_id"
[notes]
evidence_id = "INTEGER; the object"
*/
SELECT evidence_id FROM evidence
WHERE list_contains(lacking, 'requestParameters') OR container LIKE '%event history CSV%'
