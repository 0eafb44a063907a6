/*
title    = "Events of the root user, each with its origin"
question = "Which events bear root's name, and who acted in each?"
attack   = ["T1078.004"]
source   = "AWS CloudTrail User Guide, userIdentity element; AWS Knowledge Center on services that act as root"
misses   = "Actions of identities that root created; an AssumeRoot session whose AssumeRoot record is not in the case and which carries no assumedRoot mark counts as root_credentials."
*/
WITH issued AS (
    SELECT DISTINCT responseElements->>'$.credentials.accessKeyId' AS access_key_id
    FROM events
    WHERE eventSource = 'sts.amazonaws.com' AND eventName = 'AssumeRoot'
        AND responseElements->>'$.credentials.accessKeyId' IS NOT NULL
),
told AS (
    SELECT
        *,
        coalesce(recipientAccountId, userIdentity.accountId) AS account_id,
        CASE
            WHEN userIdentity.type = 'FederatedUser' THEN 'federated_session'
            WHEN lower(eventType) = 'awsserviceevent' THEN 'service_event'
            WHEN userIdentity.invokedBy = 'signin.amazonaws.com' THEN 'console'
            WHEN userIdentity.invokedBy <> '' THEN 'service'
            WHEN userIdentity.sessionContext.assumedRoot = 'true'
                OR userIdentity.accessKeyId IN (SELECT access_key_id FROM issued) THEN 'privileged_session'
            WHEN sourceIPAddress LIKE 'AWS Internal%'
                OR regexp_matches(sourceIPAddress, '(^|[.])(amazonaws[.]com([.]cn)?|aws[.]internal|amazon[.]com)$')
                THEN 'aws_internal'
            ELSE 'root_credentials'
        END AS origin,
        userIdentity.type = 'Root' AND userIdentity.invokedBy IS NULL
            AND coalesce(eventType, '') <> 'AwsServiceEvent' AS cis_match,
        CASE userIdentity.type WHEN 'Root' THEN 'userIdentity.type' ELSE 'sessionIssuer.type' END AS root_basis
    FROM events
    WHERE userIdentity.type = 'Root'
        OR (userIdentity.type = 'FederatedUser' AND userIdentity.sessionContext.sessionIssuer.type = 'Root')
)
SELECT
    *,
    -- A sign-in that failed carries no errorCode; its outcome stands in the response.
    CASE
        WHEN errorCode IS NOT NULL
            OR lower(coalesce(responseElements->>'$.ConsoleLogin', responseElements->>'$.CheckMfa',
                responseElements->>'$.PasswordRecoveryRequested', responseElements->>'$.PasswordRecoveryCompleted',
                responseElements->>'$.PasswordUpdated', responseElements->>'$.EmailUpdated')) = 'failure'
            THEN 'failure'
        ELSE 'success'
    END AS outcome,
    CASE WHEN origin IN ('service', 'service_event', 'aws_internal') THEN 'noise' ELSE 'activity' END AS side
FROM told
