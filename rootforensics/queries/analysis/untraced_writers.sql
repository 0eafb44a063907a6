/*
question = "Which instances, tasks and IAM Identity Center sessions made writes that nothing traces back to root, and when last?"
misses   = "Sessions whose name shows no instance, task or IAM Identity Center. Who requested a write: all of them count."
uses     = ["descendant_acts"]
columns  = "account_id kind session last_time"
never_null = "kind session"
[notes]
account_id = "VARCHAR; where it was recorded"
kind       = "VARCHAR; instance, task, center (a session of IAM Identity Center that names its user) or nameless (one that does not)"
session    = "VARCHAR; name of the role session"
last_time  = "TIMESTAMP WITH TIME ZONE; UTC; last write; NULL where no record has a time"
*/
WITH wrote AS (
    SELECT
        account_id, eventTime, awsRegion,
        evidence_id, record_index,
        userIdentity.onBehalfOf.userId AS user_id, split_part(userIdentity.arn, '/', 2) AS role,
        split_part(userIdentity.arn, '/', 3) AS session
    FROM api_calls
    WHERE
        identity_type = 'AssumedRole' AND is_write IS DISTINCT FROM false AND outcome IS DISTINCT FROM 'failure'
        AND (
            -- The first condition excludes most sessions.
            (userIdentity.arn LIKE '%/i-%' OR userIdentity.arn LIKE '%/mi-%'
                OR substr(userIdentity.arn, -33, 1) = '/' OR substr(userIdentity.arn, -37, 1) = '/')
            AND regexp_matches(userIdentity.arn, '/(m?i-[0-9a-f]+|[0-9a-f]{32}|[0-9a-f-]{36})$')
            OR userIdentity.arn LIKE '%:assumed-role/AWSReservedSSO_%'
        )
)
SELECT
    account_id,
    CASE
        WHEN role LIKE 'AWSReservedSSO_%' THEN CASE WHEN user_id <> '' THEN 'center' ELSE 'nameless' END
        WHEN session LIKE 'i-%' OR session LIKE 'mi-%' THEN 'instance'
        ELSE 'task'
    END AS kind,
    session, max(eventTime) AS last_time
FROM wrote AS w
WHERE NOT EXISTS (
    SELECT 1 FROM descendant_acts AS d WHERE d.evidence_id = w.evidence_id AND d.record_index = w.record_index
)
GROUP BY ALL
ORDER BY ALL
