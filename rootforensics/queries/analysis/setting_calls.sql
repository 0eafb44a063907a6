/*
question = "Which of these calls were made by root, its possible descendants, or an unknown identity?"
uses     = ["descendant_acts", "unjudged_events"]
misses   = "Calls that the console makes without a record. Settings by others who are not known to descend from root."
columns  = "eventTime account_id recorded_in call request own_name made_by eventID evidence_id record_index"
never_null = "made_by evidence_id record_index"
[params]
calls = { type = "VARCHAR[]", default = [], help = "service and eventName, as iam:CreateUser" }
[notes]
account_id  = "VARCHAR; account concerned: a management account names a member in its call"
recorded_in = "VARCHAR; account that recorded the call"
call        = "VARCHAR; service and eventName"
request     = "VARCHAR; requestParameters as JSON; NULL where the record has none"
own_name    = "VARCHAR; userName of root itself, if it acted"
made_by     = "VARCHAR; root, descendant or unknown"
*/
WITH wanted AS (
    SELECT DISTINCT call, split_part(call, ':', 1) || '.amazonaws.com' AS call_source, split_part(call, ':', 2) AS call_name
    FROM (SELECT unnest($calls::VARCHAR[]) AS call)
),
called AS (
    SELECT
        c.eventTime, c.eventID, c.evidence_id, c.record_index, w.call, c.requestParameters, c.userIdentity, c.account_id, c.root_basis,
        c.invoker IS DISTINCT FROM 'service' AND lower(coalesce(c.eventType, '')) <> 'awsserviceevent'
            AND coalesce(c.userIdentity.type, '') = '' AND coalesce(c.userIdentity.arn, '') = '' AS is_nobodys
    FROM api_calls AS c INNER JOIN wanted AS w
        ON c.eventName = w.call_name AND coalesce(nullif(c.eventSource, ''), w.call_source) = w.call_source
    WHERE c.outcome IS DISTINCT FROM 'failure'
),
told AS (
    SELECT
        c.*,
        CASE
            WHEN c.root_basis IS NOT NULL THEN 'root'
            WHEN (c.evidence_id, c.record_index) IN (SELECT (evidence_id, record_index) FROM descendant_acts) THEN 'descendant'
            WHEN c.is_nobodys OR (c.evidence_id, c.record_index) IN (
                SELECT (evidence_id, record_index) FROM unjudged_events WHERE lacks IN ('identity', 'accessKeyId')
            ) THEN 'unknown'
        END AS made_by
    FROM called AS c
)
SELECT
    eventTime,
    coalesce(nullif(requestParameters->>'$.accountId', ''), account_id) AS account_id,
    account_id AS recorded_in,
    call, CAST(requestParameters AS VARCHAR) AS request, CASE WHEN made_by = 'root' THEN userIdentity.userName END AS own_name, made_by,
    eventID, evidence_id, record_index
FROM told
WHERE made_by IS NOT NULL
ORDER BY eventTime NULLS LAST, eventID, evidence_id, record_index, call
