/*
title    = "Events of the root user, each with its origin"
question = "Which events are attributed to root, and who acted in each?"
attack   = ["T1078.004"]
source   = "AWS CloudTrail User Guide, userIdentity element; AWS Knowledge Center on services that act as root"
misses   = "Service activity in a table of the console's event history: only the user name shows root there. Actions of identities that root created. AssumeRoot sessions without their AssumeRoot record and without the assumedRoot mark, which count as root_credentials."
uses     = ["api_calls"]
*/
WITH issued AS (
    SELECT DISTINCT responseElements->>'$.credentials.accessKeyId' AS access_key_id
    FROM api_calls
    WHERE eventSource = 'sts.amazonaws.com' AND eventName = 'AssumeRoot'
        AND (responseElements->>'$.credentials.accessKeyId') <> ''
),
-- Rows of tables that lack fields. The file may also have complete records: an event with a value in a field that the
-- table lacks is not one of its rows.
table_rows AS (
    SELECT e.evidence_id, e.record_index, t.lacking
    FROM events AS e INNER JOIN evidence AS t ON e.evidence_id = t.evidence_id
    WHERE t.lacking IS NOT NULL AND NOT (
        (e.userIdentity.type IS NOT NULL AND list_contains(t.lacking, 'userIdentity.type'))
        OR (e.userIdentity.arn IS NOT NULL AND list_contains(t.lacking, 'userIdentity.arn'))
        OR (e.eventTime IS NOT NULL AND list_contains(t.lacking, 'eventTime'))
        OR (e.eventName IS NOT NULL AND list_contains(t.lacking, 'eventName'))
        OR (e.eventID IS NOT NULL AND list_contains(t.lacking, 'eventID'))
        OR (e.eventType IS NOT NULL AND list_contains(t.lacking, 'eventType'))
        OR (e.sourceIPAddress IS NOT NULL AND list_contains(t.lacking, 'sourceIPAddress'))
        OR (e.errorCode IS NOT NULL AND list_contains(t.lacking, 'errorCode'))
        OR (e.recipientAccountId IS NOT NULL AND list_contains(t.lacking, 'recipientAccountId'))
    )
),
told AS (
    SELECT
        -- The account of the root user, which may differ from the account that recorded the event.
        c.* EXCLUDE (account_id), identity_account_id AS account_id,
        -- ISO 8601, extended or basic, UTC without an offset; times before 2000 or from 2100 on are NULL, as in
        -- eventTime.
        TRY_CAST(CASE
            WHEN regexp_matches(userIdentity.sessionContext.attributes.creationDate, '^20[0-9]{6}T[0-9]{6}Z$')
                THEN concat(substr(userIdentity.sessionContext.attributes.creationDate, 1, 4), '-', substr(userIdentity.sessionContext.attributes.creationDate, 5, 2), '-', substr(userIdentity.sessionContext.attributes.creationDate, 7, 5), ':',
                    substr(userIdentity.sessionContext.attributes.creationDate, 12, 2), ':', substr(userIdentity.sessionContext.attributes.creationDate, 14, 3))
            WHEN regexp_matches(userIdentity.sessionContext.attributes.creationDate, '^20[0-9]{2}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]+)?$')
                THEN concat(userIdentity.sessionContext.attributes.creationDate, 'Z')
            WHEN regexp_matches(userIdentity.sessionContext.attributes.creationDate, '^20[0-9]{2}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]+)?(Z|[+-][0-9]{2}:?[0-9]{2})$')
                THEN userIdentity.sessionContext.attributes.creationDate
        END AS TIMESTAMP WITH TIME ZONE) AS session_created_time,
        CASE
            WHEN lower(trim(userIdentity.type)) = 'federateduser' OR c.root_basis LIKE 'sessionIssuer.%' THEN 'federated_session'
            -- The sign-in service does nothing on its own: its events are a person's, whatever their source.
            WHEN eventSource IS DISTINCT FROM 'signin.amazonaws.com' AND lower(eventType) = 'awsserviceevent' THEN 'service_event'
            WHEN c.invoker IS NOT NULL AND (eventSource IS DISTINCT FROM 'signin.amazonaws.com' OR c.invoker = 'console') THEN c.invoker
            WHEN lower(userIdentity.sessionContext.assumedRoot) = 'true'
                OR userIdentity.accessKeyId IN (SELECT access_key_id FROM issued) THEN 'privileged_session'
            -- Console pages make further calls through AWS; these events are a person's, whatever the source.
            WHEN lower(sessionCredentialFromConsole) = 'true' OR eventSource = 'signin.amazonaws.com' THEN 'root_credentials'
            WHEN sourceIPAddress LIKE 'AWS Internal%'
                OR (regexp_matches(lower(sourceIPAddress), '^[a-z0-9.-]+[.]amazonaws[.](com([.]cn)?|eu)$')
                    -- Anyone can have an instance with a public name.
                    AND NOT regexp_matches(lower(sourceIPAddress), '^ec2-[0-9]+-[0-9]+-[0-9]+-[0-9]+[.]'))
                THEN 'aws_internal'
            ELSE 'root_credentials'
        END AS origin,
        -- A table without a column of the filter gives no answer.
        CASE
            WHEN userIdentity.type <> 'Root' OR userIdentity.invokedBy IS NOT NULL
                OR (otherFields->>'$.userIdentity.invokedBy') IS NOT NULL OR eventType = 'AwsServiceEvent' THEN false
            WHEN userIdentity.type IS NULL AND (list_contains(t.lacking, 'userIdentity.type') OR c.evidence_id IN (
                SELECT evidence_id FROM evidence WHERE container LIKE '%event history CSV%'
            )) THEN NULL
            -- A cell with an invalid type does not show the value in the record.
            WHEN userIdentity.type IS NULL AND (otherFields->>'$.cellsThatWereNotTaken."userIdentity.type"') IS NOT NULL THEN NULL
            WHEN userIdentity.type IS NULL THEN false
            WHEN list_contains(t.lacking, 'userIdentity.invokedBy') THEN NULL
            WHEN eventType IS NOT NULL THEN true
            WHEN c.evidence_id IN (SELECT evidence_id FROM evidence WHERE container LIKE '%Athena CSV%') THEN true
            WHEN list_contains(t.lacking, 'eventType') THEN NULL
            ELSE false  -- != does not match a field that is absent
        END AS cis_match
    FROM api_calls AS c LEFT JOIN table_rows AS t ON c.evidence_id = t.evidence_id AND c.record_index = t.record_index
    WHERE c.root_basis IS NOT NULL
)
SELECT
    *, CASE WHEN origin IN ('service', 'service_event', 'aws_internal') THEN 'noise' ELSE 'activity' END AS origin_group
FROM told
