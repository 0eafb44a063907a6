/*
question = "Which previous call by someone else than root and its descendants wrote the setting that these calls changed?"
misses   = "Calls that name the same resource by an ARN in one request and by a short name in the other. Calls that failed, or whose record lacks the time, the outcome or the setting."
uses     = ["api_calls", "descendant_acts"]
columns  = "evidence_id record_index eventName eventTime eventID former_citation"
never_null = "evidence_id record_index eventName eventTime former_citation"
[params]
citations = { type = "VARCHAR[]", default = [], help = "the calls, as evidence_id:record_index" }
[notes]
evidence_id     = "INTEGER; of the call that was asked for"
eventName       = "VARCHAR; of the former call"
eventTime       = "TIMESTAMP WITH TIME ZONE; of the former call; UTC"
eventID         = "VARCHAR; of the former call"
former_citation = "VARCHAR; evidence_id:record_index of the former call"
*/
WITH wanted AS (
    SELECT DISTINCT CAST(split_part(citation, ':', 1) AS INTEGER) AS evidence_id, CAST(split_part(citation, ':', 2) AS INTEGER) AS record_index
    FROM (SELECT unnest($citations::VARCHAR[]) AS citation)
),
written AS (
    SELECT
        c.evidence_id, c.record_index, c.account_id, c.eventSource, c.eventName, c.eventTime, c.eventID,
        c.outcome, c.root_basis, w.evidence_id IS NOT NULL AS is_wanted,
        -- The resource in the request, for calls that are reverted by restoring the previous state.
        nullif(concat_ws(' ',
            c.requestParameters->>'$.bucketName', c.requestParameters->>'$.repositoryName', c.requestParameters->>'$.secretId',
            c.requestParameters->>'$.queueUrl', c.requestParameters->>'$.topicArn', c.requestParameters->>'$.attributeName',
            c.requestParameters->>'$.keyId', c.requestParameters->>'$.functionName', c.requestParameters->>'$.resourceArn',
            c.requestParameters->>'$.fileSystemId', c.requestParameters->>'$.vaultName', c.requestParameters->>'$.backupVaultName',
            c.requestParameters->>'$.userName', c.requestParameters->>'$.roleName', c.requestParameters->>'$.groupName',
            c.requestParameters->>'$.policyName', c.requestParameters->>'$.policyArn', c.requestParameters->>'$.policyId',
            c.requestParameters->>'$.name', c.requestParameters->>'$.trailName', c.requestParameters->>'$.domainName',
            c.requestParameters->>'$.logGroupName', c.requestParameters->>'$.alarmName', c.requestParameters->>'$.filterName',
            c.requestParameters->>'$.dBInstanceIdentifier', c.requestParameters->>'$.dBClusterIdentifier',
            c.requestParameters->>'$.detectorId', c.requestParameters->>'$.alternateContactType'
        ), '') AS named
    FROM api_calls AS c LEFT JOIN wanted AS w ON c.evidence_id = w.evidence_id AND c.record_index = w.record_index
    -- What DeleteBucketPolicy deleted, PutBucketPolicy wrote.
    WHERE concat(c.eventSource, ':', regexp_replace(c.eventName, '^(Delete|Put)', '')) IN (
        SELECT concat(e.eventSource, ':', regexp_replace(e.eventName, '^(Delete|Put)', '')) FROM api_calls AS e INNER JOIN wanted AS v ON e.evidence_id = v.evidence_id AND e.record_index = v.record_index
    )
),
ranked AS (
    SELECT
        w.evidence_id, w.record_index, f.eventName, f.eventTime, f.eventID,
        concat(CAST(f.evidence_id AS VARCHAR), ':', CAST(f.record_index AS VARCHAR)) AS former_citation,
        row_number() OVER (PARTITION BY w.evidence_id, w.record_index ORDER BY f.eventTime DESC, f.eventID, f.evidence_id, f.record_index) AS place
    FROM written AS w INNER JOIN written AS f
        ON w.account_id = f.account_id AND w.eventSource = f.eventSource
        AND regexp_replace(w.eventName, '^(Delete|Put)', '') = regexp_replace(f.eventName, '^(Delete|Put)', '') AND w.named = f.named
        AND f.eventTime < w.eventTime
    WHERE w.is_wanted AND f.outcome = 'success' AND f.root_basis IS NULL
        AND (f.evidence_id, f.record_index) NOT IN (SELECT (evidence_id, record_index) FROM descendant_acts)
)
SELECT evidence_id, record_index, eventName, eventTime, eventID, former_citation
FROM ranked
WHERE place = 1 AND eventName NOT LIKE 'Delete%' -- what somebody deleted before was not in force
ORDER BY evidence_id, record_index
