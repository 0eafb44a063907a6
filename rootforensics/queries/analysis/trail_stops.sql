/*
question = "Which calls stopped or deleted a trail?"
misses   = "Calls that narrow a trail without stopping it: see logging_impairment."
columns  = "eventName eventTime eventID evidence_id record_index account_id"
[notes]
account_id = "VARCHAR; where it was recorded"
*/
SELECT
    eventName, eventTime, eventID, evidence_id, record_index,
    coalesce(nullif(recipientAccountId, ''), userIdentity.accountId) AS account_id
FROM events
WHERE eventSource = 'cloudtrail.amazonaws.com' AND outcome IS DISTINCT FROM 'failure'
    AND eventName IN ('StopLogging', 'DeleteTrail')
ORDER BY eventTime NULLS LAST, eventID, evidence_id, record_index
