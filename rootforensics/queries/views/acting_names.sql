/*
title    = "Names of the actor of a call"
question = "With which key, user, role, session, instance, ECS task, function, identity provider, IAM Identity Center user or delegation was each call made?"
attack   = ["T1078.004"]
source   = "AWS CloudTrail User Guide, userIdentity element and AWS console sign-in events; AWS IAM User Guide, logging IAM and AWS STS calls with CloudTrail; AWS Lambda Developer Guide, execution role; sessions of ECS tasks as in https://github.com/data-dot-all/dataall/issues/140"
misses   = "The identity behind a caller from another account (AWSAccount), because the record has only an ID. Sessions with a chosen name: one named like an instance, a task or a function is treated as one."
uses     = ["api_calls", "provider_names", "delegate_names"]
*/
-- An AWS service may act in an identity's name on request or on its own. A name without a known owner may be a
-- session's.
WITH calls AS NOT MATERIALIZED (
    SELECT *, identity_type IS NOT NULL AND invoker IS DISTINCT FROM 'service' AS is_certain
    FROM api_calls
)
-- mark distinguishes entities with one name, if the record has it: the unique ID of a user or role, the role of a
-- function.
SELECT
    evidence_id, record_index, eventTime, eventSource, invoker IS DISTINCT FROM 'service' AS is_certain,
    'access_key' AS identity_kind, userIdentity.accessKeyId AS identity_name,
    CAST(NULL AS VARCHAR) AS mark
FROM calls
WHERE userIdentity.accessKeyId <> ''
UNION ALL
SELECT
    evidence_id, record_index, eventTime, eventSource, is_certain, 'user',
    acting_user,
    CASE WHEN userIdentity.principalId LIKE 'AIDA%' THEN userIdentity.principalId END
FROM calls
WHERE acting_user <> ''
UNION ALL
-- A password or SSH key for one service leaves no access key in the record; Git's own calls are recognized either way.
SELECT
    evidence_id, record_index, eventTime, eventSource, is_certain,
    'service_credential', acting_user, regexp_extract(eventSource, '^[a-z]+')
FROM calls
WHERE eventSource IN (
        'bedrock.amazonaws.com', 'bedrock-mantle.amazonaws.com', 'cassandra.amazonaws.com', 'codecommit.amazonaws.com'
    ) AND acting_user <> '' AND (eventSource NOT LIKE 'bedrock%' OR coalesce(userIdentity.accessKeyId, '') NOT LIKE 'AKIA%')
UNION ALL
-- A federated session acts for the user who requested it; in the console its keys change.
SELECT
    evidence_id, record_index, eventTime, eventSource, is_certain, 'user',
    concat(userIdentity.sessionContext.sessionIssuer.accountId, '/', userIdentity.sessionContext.sessionIssuer.userName),
    CASE WHEN userIdentity.sessionContext.sessionIssuer.principalId LIKE 'AIDA%'
        THEN userIdentity.sessionContext.sessionIssuer.principalId END
FROM calls
WHERE identity_type = 'FederatedUser' AND lower(trim(userIdentity.sessionContext.sessionIssuer.type)) = 'iamuser'
    AND userIdentity.sessionContext.sessionIssuer.userName <> ''
UNION ALL
SELECT
    evidence_id, record_index, eventTime, eventSource, is_certain, 'role',
    acting_role,
    CASE WHEN userIdentity.sessionContext.sessionIssuer.principalId LIKE 'AROA%'
        THEN userIdentity.sessionContext.sessionIssuer.principalId END
FROM calls
WHERE eventName IS DISTINCT FROM 'SwitchRole' AND acting_role <> ''
UNION ALL
-- A session is named after its instance, task ID or function; a console session keeps its user's name.
SELECT
    evidence_id, record_index, eventTime, eventSource, is_certain, 'instance',
    regexp_extract(userIdentity.arn, '/(i-[0-9a-f]+)$', 1), NULL
FROM calls
WHERE identity_type = 'AssumedRole' AND eventName IS DISTINCT FROM 'SwitchRole' AND userIdentity.arn LIKE '%/i-%'
    AND regexp_matches(userIdentity.arn, '/i-[0-9a-f]+$')
UNION ALL
SELECT
    evidence_id, record_index, eventTime, eventSource, is_certain, 'task',
    regexp_extract(userIdentity.arn, '/([0-9a-f-]+)$', 1), NULL
FROM calls
WHERE identity_type = 'AssumedRole' AND eventName IS DISTINCT FROM 'SwitchRole'
    -- 32 digits, or 36 with dashes in old IDs; the first condition excludes most sessions.
    AND (substr(userIdentity.arn, -33, 1) = '/' OR substr(userIdentity.arn, -37, 1) = '/')
    AND regexp_matches(userIdentity.arn, ':assumed-role/.*/([0-9a-f]{32}|[0-9a-f-]{36})$')
UNION ALL
SELECT
    evidence_id, record_index, eventTime, eventSource, is_certain, 'function',
    concat(identity_account_id, '/', split_part(userIdentity.arn, '/', 3)), split_part(userIdentity.arn, '/', 2)
FROM calls
WHERE identity_type = 'AssumedRole' AND eventName IS DISTINCT FROM 'SwitchRole' AND userIdentity.arn LIKE '%:assumed-role/%/%'
UNION ALL
SELECT
    evidence_id, record_index, eventTime, eventSource, is_certain,
    'role_session', userIdentity.arn, NULL
FROM calls
WHERE (identity_type = 'AssumedRole' AND eventName IS DISTINCT FROM 'SwitchRole' AND userIdentity.arn LIKE '%:assumed-role/%/%')
    OR (identity_type = 'FederatedUser' AND userIdentity.arn LIKE '%:federated-user/%')
UNION ALL
-- A role switch is recorded as the new role; another field names who switched.
SELECT
    evidence_id, record_index, eventTime, eventSource, is_certain,
    CASE
        WHEN (additionalEventData->>'$.SwitchFrom') LIKE '%:user/%' THEN 'user'
        WHEN (additionalEventData->>'$.SwitchFrom') LIKE '%:federated-user/%' THEN 'role_session'
        ELSE 'role'
    END,
    CASE
        WHEN (additionalEventData->>'$.SwitchFrom') LIKE '%:federated-user/%' THEN additionalEventData->>'$.SwitchFrom'
        ELSE concat(
            split_part(additionalEventData->>'$.SwitchFrom', ':', 5), '/',
            CASE WHEN (additionalEventData->>'$.SwitchFrom') LIKE '%:user/%'
                THEN regexp_extract(additionalEventData->>'$.SwitchFrom', '([^/]+)$', 1)
                ELSE split_part(additionalEventData->>'$.SwitchFrom', '/', 2) END
        )
    END,
    NULL
FROM calls
WHERE eventSource = 'signin.amazonaws.com' AND eventName = 'SwitchRole'
    AND regexp_matches(additionalEventData->>'$.SwitchFrom', ':(user|assumed-role|federated-user)/')
UNION ALL
-- The record has the ID of the IAM Identity Center user, whatever the role.
SELECT
    evidence_id, record_index, eventTime, eventSource, is_certain,
    'identity_center_user', userIdentity.onBehalfOf.userId, NULL
FROM calls
WHERE userIdentity.onBehalfOf.userId <> ''
UNION ALL
SELECT * FROM provider_names
UNION ALL
SELECT * FROM delegate_names
