/*
question = "Which roles made writes that nothing traces back to root, in sessions that a service opened or whose opening is not recorded?"
misses   = "Who requested what the service did. Roles of instances, service-linked roles and roles of IAM Identity Center, which are excluded."
uses     = ["descendant_acts"]
columns  = "account_id role function of_stacks service told of_stack_sets wrote_time begun_time"
never_null = "role of_stacks told of_stack_sets"
[params]
functions = { type = "VARCHAR[]", default = [], help = "names of Lambda functions whose sessions are distinguished" }
[notes]
account_id    = "VARCHAR; where it was recorded"
role          = "VARCHAR; account:name"
function      = "VARCHAR; the Lambda function that the session is of"
of_stacks     = "BOOLEAN; whether CloudFormation named the session"
service       = "VARCHAR; that opened the session"
told          = "BOOLEAN; whether the opening is recorded"
of_stack_sets = "BOOLEAN; whether it is a role of CloudFormation StackSets"
wrote_time    = "TIMESTAMP WITH TIME ZONE; UTC; last write; NULL where one has no time"
begun_time    = "TIMESTAMP WITH TIME ZONE; UTC; start of the last session; NULL where one is not known"
*/
WITH opened AS (
    SELECT
        responseElements->>'$.credentials.accessKeyId' AS access_key, any_value(eventTime) AS eventTime,
        bool_or(identity_type = 'AWSService') AS by_service, max(userIdentity.invokedBy) AS service
    FROM api_calls
    WHERE eventSource = 'sts.amazonaws.com' AND eventName LIKE 'AssumeRole%' AND outcome IS DISTINCT FROM 'failure'
    GROUP BY access_key
),
wrote AS (
    SELECT
        account_id, eventTime,
        userIdentity.accessKeyId AS access_key,
        TRY_CAST(userIdentity.sessionContext.attributes.creationDate AS TIMESTAMPTZ) AS created,
        concat(split_part(userIdentity.arn, ':', 5), ':', split_part(userIdentity.arn, '/', 2)) AS role,
        CASE WHEN split_part(userIdentity.arn, '/', 3) IN (SELECT unnest($functions::VARCHAR[]))
            THEN split_part(userIdentity.arn, '/', 3) END AS function,
        userIdentity.arn LIKE '%/AWSCloudFormation%' AS of_stacks
    FROM api_calls AS r
    WHERE identity_type = 'AssumedRole' AND is_write IS DISTINCT FROM false
        AND outcome IS DISTINCT FROM 'failure'
        AND userIdentity.arn NOT LIKE '%:assumed-role/AWSReservedSSO_%'
        AND userIdentity.arn NOT LIKE '%:assumed-role/AWSServiceRoleFor%'
        AND userIdentity.arn NOT LIKE '%/i-%' AND userIdentity.arn NOT LIKE '%/mi-%'
        AND NOT EXISTS (
            SELECT 1 FROM descendant_acts AS d
            WHERE d.evidence_id = r.evidence_id AND d.record_index = r.record_index
        )
)
SELECT
    w.account_id, w.role, w.function, w.of_stacks, o.service, o.access_key IS NOT NULL AS told,
    w.role LIKE '%:stacksets-exec-%' OR w.role LIKE '%:AWSCloudFormationStackSetExecutionRole' AS of_stack_sets,
    -- Last write and start of the last session; unknown if an event has no time.
    CASE WHEN count(w.eventTime) = count(*) THEN max(w.eventTime) END AS wrote_time,
    CASE WHEN count(coalesce(o.eventTime, w.created)) = count(*) THEN max(coalesce(o.eventTime, w.created)) END
        AS begun_time
FROM wrote AS w LEFT JOIN opened AS o ON w.access_key = o.access_key
WHERE o.access_key IS NULL OR o.by_service OR of_stack_sets
GROUP BY ALL
ORDER BY ALL
