/*
question = "Which objects of evidence hold records without requestParameters?"
misses   = "Single records that lack them in objects that have them otherwise."
columns  = "evidence_id"
never_null = "evidence_id"
[notes]
evidence_id = "INTEGER; the object"
*/
SELECT evidence_id FROM evidence
WHERE list_contains(lacking, 'requestParameters') OR container LIKE '%event history CSV%'
