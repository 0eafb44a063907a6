/*
question = "Which calls created, changed, started, stopped or deleted a trail?"
misses   = "Calls on a trail's bucket, key or roles (logging_impairment)."
columns  = "eventName eventTime eventID evidence_id record_index account_id awsRegion outcome actor trail ends_chain is_unproven"
never_null = "eventName evidence_id record_index ends_chain is_unproven"
[notes]
account_id = "VARCHAR; where it was recorded"
actor      = "VARCHAR; ARN of the identity; else the service, else the type of the identity"
trail      = "VARCHAR; its name, without the ARN before it"
ends_chain = "BOOLEAN; true: its digests end or restart then, if it succeeded"
is_unproven = "BOOLEAN; verify did not confirm its log, although it confirmed others: someone may have written it"
*/
SELECT
    action AS eventName, eventTime, eventID, evidence_id, record_index,
    account_id, awsRegion, outcome,
    coalesce(userIdentity.arn, userIdentity.invokedBy, userIdentity.type) AS actor,
    regexp_extract(coalesce(requestParameters->>'$.name', requestParameters->>'$.trailName'), '[^/]*$') AS trail,
    action IN ('StopLogging', 'DeleteTrail') OR (
        action = 'UpdateTrail' AND (
            requestParameters IS NULL OR coalesce(requestParameters->>'$.enableLogFileValidation', 'true') = 'false'
            OR (requestParameters->>'$.s3BucketName') IS NOT NULL
        )
    ) AS ends_chain,
    (evidence_id, record_index) IN (SELECT (evidence_id, record_index) FROM unproven_events) AS is_unproven
FROM events
WHERE service = 'cloudtrail.amazonaws.com' AND action IN (
    'StopLogging', 'DeleteTrail', 'StartLogging', 'CreateTrail', 'UpdateTrail', 'PutEventSelectors'
)
ORDER BY eventTime NULLS LAST, eventID, evidence_id, record_index
