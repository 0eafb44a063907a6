/*
question = "Which of these calls, whose effects the logs do not trace back, were made by root or its descendants?"
misses   = "Calls that failed, or without a recorded outcome."
uses     = ["descendant_events"]
columns  = "account_id eventTime awsRegion eventSource eventName eventID evidence_id record_index tells"
never_null = "evidence_id record_index"
[params]
calls = { type = "VARCHAR[]", default = [], help = "the calls, each as service:eventName" }
[notes]
account_id = "VARCHAR; where it was recorded"
tells      = "BOOLEAN; whether the record names the affected identity or resource; NULL if the call never does"
*/
SELECT account_id, eventTime, awsRegion, eventSource, eventName, eventID, evidence_id, record_index,
    CASE
        WHEN eventName = 'SendCommand'
            THEN regexp_matches(CAST(requestParameters AS VARCHAR), '"i-[0-9a-f]+"')
        WHEN eventName = 'CreateAccountAssignment' THEN (requestParameters->>'$.principalType') = 'USER'
        WHEN eventSource IN ('identitystore.amazonaws.com', 'sso-directory.amazonaws.com') THEN regexp_matches(
            CAST(CASE WHEN eventName = 'CreateUser' THEN responseElements ELSE requestParameters END AS VARCHAR),
            '"(userId|memberId)" *: *"[^"]'
        )
    END AS tells
FROM (
    SELECT account_id, eventTime, awsRegion, eventSource, eventName, outcome, requestParameters,
        responseElements, eventID, evidence_id, record_index
    FROM root_activity
    UNION ALL
    SELECT account_id, eventTime, awsRegion, eventSource, eventName, outcome, requestParameters,
        responseElements, eventID, evidence_id, record_index
    FROM descendant_events
)
WHERE outcome = 'success' AND concat(replace(eventSource, '.amazonaws.com', ''), ':', eventName) IN (
    SELECT unnest($calls::VARCHAR[])
)
ORDER BY eventTime NULLS LAST, eventID, evidence_id, record_index
