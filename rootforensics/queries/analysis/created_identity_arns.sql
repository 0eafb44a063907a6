/*
question = "Which ARN did AWS assign to the users and roles that these calls created?"
misses   = "Calls without responseElements in the record."
columns  = "evidence_id record_index arn"
never_null = "evidence_id record_index"
[params]
citations = { type = "VARCHAR[]", default = [], help = "the events, as evidence_id:record_index" }
[notes]
arn = "VARCHAR; NULL where the response does not name it"
*/
SELECT evidence_id, record_index,
    coalesce(responseElements->>'$.user.arn', responseElements->>'$.role.arn') AS arn
FROM events
WHERE (evidence_id, record_index) IN (
    SELECT (split_part(citation, ':', 1)::BIGINT, split_part(citation, ':', 2)::BIGINT)
    FROM unnest($citations::VARCHAR[]) AS p (citation)
)
ORDER BY evidence_id, record_index
