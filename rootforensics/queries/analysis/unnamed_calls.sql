/*
question = "Which records of other identities lack the name or the service of the call, so that it may be a high or critical action?"
misses   = "Names that are present but wrong."
columns  = "eventID evidence_id record_index"
never_null = "evidence_id record_index"
*/
SELECT eventID, evidence_id, record_index
FROM api_calls
WHERE root_basis IS NULL AND identity_type IS DISTINCT FROM 'AWSService' AND (
    coalesce(eventName, '') = '' OR (coalesce(eventSource, '') = '' AND eventName IN (
        SELECT call_name FROM actions WHERE severity IN ('high', 'critical')
    ))
)
ORDER BY eventTime NULLS LAST, eventID, evidence_id, record_index
