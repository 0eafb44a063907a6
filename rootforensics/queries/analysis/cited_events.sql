/*
question = "What are the events that the report cites?"
misses   = "Records that are not events of the case, such as damaged ones."
columns  = "eventTime account_id awsRegion eventSource eventName errorCode actor eventID evidence_id record_index integrity_verdict"
never_null = "evidence_id record_index"
[params]
citations = { type = "VARCHAR[]", default = [], help = "the events, as evidence_id:record_index" }
[notes]
account_id = "VARCHAR; where it was recorded"
actor      = "VARCHAR; ARN of the identity; else the service, else the type of the identity"
integrity_verdict = "VARCHAR; result of verify for the file, or for a log with a verified duplicate, as in the table integrity; NULL if it was not run since the last load"
*/
SELECT
    eventTime, e.account_id, awsRegion,
    service AS eventSource, action AS eventName, errorCode,
    coalesce(userIdentity.arn, userIdentity.invokedBy, userIdentity.type) AS actor,
    eventID, e.evidence_id, e.record_index, coalesce(p.verdict, i.verdict) AS integrity_verdict
FROM events AS e LEFT JOIN integrity AS i ON e.evidence_id = i.evidence_id
LEFT JOIN proven_copies AS p ON e.evidence_id = p.evidence_id AND e.record_index = p.record_index
WHERE (e.evidence_id, e.record_index) IN (
    SELECT (split_part(citation, ':', 1)::BIGINT, split_part(citation, ':', 2)::BIGINT)
    FROM unnest($citations::VARCHAR[]) AS p (citation)
)
ORDER BY eventTime NULLS LAST, eventID, e.evidence_id, e.record_index
