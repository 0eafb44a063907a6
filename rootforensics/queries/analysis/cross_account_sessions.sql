/*
question = "Which roles of other accounts did root's descendants assume?"
misses   = "Calls that name neither the role nor the session. Role chains whose logs are not in the case."
uses     = ["descendant_events"]
columns  = "account_id eventTime eventName eventID evidence_id record_index entered"
never_null = "eventName evidence_id record_index entered"
[notes]
account_id = "VARCHAR; where it was recorded"
entered    = "VARCHAR; account of the role"
*/
SELECT * FROM (
    SELECT
        account_id, eventTime, eventName, eventID, evidence_id, record_index,
        regexp_extract(coalesce(
            requestParameters->>'$.roleArn', responseElements->>'$.assumedRoleUser.arn'
        ), '^arn:[a-z-]+:(?:iam|sts)::([0-9]{12}):', 1) AS entered
    FROM descendant_events
    WHERE eventSource = 'sts.amazonaws.com' AND eventName LIKE 'AssumeRole%' AND outcome = 'success'
)
WHERE entered <> '' AND entered IS DISTINCT FROM account_id
ORDER BY eventTime NULLS LAST, eventID, evidence_id, record_index
