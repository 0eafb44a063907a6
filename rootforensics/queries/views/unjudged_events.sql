/*
title    = "Events that no rule can judge"
question = "Which events lack what rules need: who acted, which call it was, of which AWS service, in which account?"
attack   = []
source   = "AWS CloudTrail User Guide, record contents and userIdentity element; the models of AWS's services, of names that several have"
misses   = "Tables without any column for the actor, which evidence_problems reports as a whole. Absent fields of requests and responses, because most of them are optional."
uses     = ["evidence_problems", "root_events", "service_activity", "root_descendants", "descendant_acts", "descendant_events"]
*/
WITH own AS (
    SELECT evidence_id, record_index, eventID, eventTime, account_id, awsRegion, eventSource, eventName, is_write, requestParameters, responseElements
    FROM root_events AS r
    WHERE outcome IS DISTINCT FROM 'failure'
        AND (eventName IN (SELECT call_name FROM named_calls) OR eventSource NOT IN (SELECT call_source FROM known_services))
        -- What services do on their own is not root's action.
        AND NOT EXISTS (SELECT 1 FROM service_activity AS s WHERE s.evidence_id = r.evidence_id AND s.record_index = r.record_index AND s.hand = 'unknown')
    UNION ALL
    SELECT evidence_id, record_index, eventID, eventTime, account_id, awsRegion, eventSource, eventName, is_write, requestParameters, responseElements
    FROM descendant_events
    WHERE outcome IS DISTINCT FROM 'failure'
        AND (eventName IN (SELECT call_name FROM named_calls) OR eventSource NOT IN (SELECT call_source FROM known_services))
),
unread AS (
    SELECT evidence_id, record_index FROM evidence_problems WHERE kind = 'unknown_identity'
    UNION
    -- Non-standard spellings, and converted values that were fully recognized.
    SELECT evidence_id, record_index FROM api_calls
    WHERE root_basis IS NULL AND regexp_matches(regexp_replace(record_problem, 'as another tool spelled it, and read: [^;]*', ''), 'userIdentity([^.]|[.](type|arn|principalId|accountId|accessKeyId|userName|invokedBy|sessionContext|onBehalfOf))')
    UNION
    -- A user or role without a name may be one that root created or gave access to. The ARN has the name of a session,
    -- which identifies instances, functions and services.
    SELECT evidence_id, record_index FROM api_calls ANTI JOIN descendant_acts USING (evidence_id, record_index)
    WHERE identity_type IN ('IAMUser', 'AssumedRole') AND (
        (acting_user IS NULL AND acting_role IS NULL
            AND EXISTS (SELECT 1 FROM root_descendants WHERE identity_kind IN ('user', 'role')))
        OR (coalesce(userIdentity.arn, '') = '' AND is_write IS DISTINCT FROM false AND outcome IS DISTINCT FROM 'failure'
            AND EXISTS (SELECT 1 FROM root_events WHERE origin_group = 'activity' AND is_write IS DISTINCT FROM false))
    )
),
marked AS (
    SELECT
        c.evidence_id, c.record_index, c.eventID, c.eventTime, c.awsRegion, c.eventSource, c.eventName, c.outcome, c.is_write,
        c.account_id, NOT regexp_full_match(c.eventName, '[A-Za-z][A-Za-z0-9_]*') AS is_oddly_named,
        u.evidence_id IS NOT NULL AS is_unread, c.root_basis IS NOT NULL OR u.evidence_id IS NOT NULL OR EXISTS (
            SELECT 1 FROM descendant_acts AS d WHERE d.evidence_id = c.evidence_id AND d.record_index = c.record_index
        ) AS may_be_roots
    FROM api_calls AS c LEFT JOIN unread AS u ON c.evidence_id = u.evidence_id AND c.record_index = u.record_index
    WHERE u.evidence_id IS NOT NULL OR coalesce(c.eventName, '') = '' OR coalesce(c.eventSource, '') = ''
        OR c.account_id IS NULL OR NOT regexp_full_match(c.eventName, '[A-Za-z][A-Za-z0-9_]*')
),
told AS (
    SELECT
        *,
        CASE
            WHEN is_unread THEN 'identity'
            -- A name with characters that AWS never uses is spelled in a way that no rule reads.
            WHEN coalesce(eventName, '') = '' OR (is_oddly_named AND may_be_roots) THEN 'eventName'
            -- Only calls of others that change an account count, whoever makes them.
            WHEN coalesce(eventSource, '') = '' AND (
                (may_be_roots AND is_write IS DISTINCT FROM false)
                OR eventName IN (
                    SELECT call_name FROM actions
                    WHERE call_source IN ('account.amazonaws.com', 'billingconsole.amazonaws.com', 'organizations.amazonaws.com')
                )
            ) THEN 'eventSource'
            WHEN account_id IS NULL AND may_be_roots THEN 'account'
        END AS lacks
    FROM marked
)
SELECT
    evidence_id, record_index, eventID, eventTime, account_id, awsRegion, eventSource, eventName, lacks,
    outcome IS DISTINCT FROM 'failure' AND is_write IS DISTINCT FROM false AS may_change
FROM told
WHERE lacks IS NOT NULL
UNION ALL
-- Neither AWS's models nor the catalogue have this service, so the effect of the call is unknown.
SELECT evidence_id, record_index, eventID, eventTime, account_id, awsRegion, eventSource, eventName, 'service', true
FROM own
WHERE eventSource NOT IN (SELECT call_source FROM known_services) AND is_write IS DISTINCT FROM false
UNION ALL
-- If the record does not name what a call created, opened or enabled, it cannot be followed.
SELECT DISTINCT
    evidence_id, record_index, eventID, eventTime, account_id, awsRegion, eventSource, eventName, 'answer', true
FROM (
    SELECT *, json_object('requestParameters', requestParameters, 'responseElements', responseElements) AS record FROM own
) AS o INNER JOIN named_calls AS n ON o.eventSource = n.call_source AND o.eventName = n.call_name
WHERE CASE WHEN n.only_at <> '' AND coalesce(o.record->>n.only_at, '') = '' THEN true
    WHEN n.only_at <> '' AND (o.record->>n.only_at) <> n.only_value THEN false
    ELSE coalesce(nullif(o.record->>n.named_at, ''), o.record->>n.or_at, '') = '' END
UNION ALL
-- Without its key, it is unknown whether the call used a key that root or its descendants created or enabled for the
-- user, or took from the role.
SELECT evidence_id, record_index, eventID, eventTime, account_id, awsRegion, eventSource, eventName, 'accessKeyId', true
FROM api_calls
WHERE coalesce(userIdentity.accessKeyId, '') = '' AND eventSource <> 'signin.amazonaws.com'
    AND outcome IS DISTINCT FROM 'failure' AND (is_write IS DISTINCT FROM false OR eventName LIKE 'AssumeRole%') AND coalesce(acting_user, acting_role) IN (
        SELECT CASE WHEN eventName LIKE 'AssumeRole%'
            THEN concat(split_part(requestParameters->>'$.roleArn', ':', 5), '/', regexp_extract(requestParameters->>'$.roleArn', '([^/]+)$', 1))
            ELSE concat(account_id, '/', coalesce(responseElements->>'$.accessKey.userName', requestParameters->>'$.userName')) END
        FROM own WHERE eventName LIKE 'AssumeRole%' OR eventName IN ('CreateAccessKey', 'UpdateAccessKey')
    )
