/*
title    = "Origin of sessions and instances that used no AWS key"
question = "Which identity provider, trust anchor or Roles Anywhere profile opened each session that needs no AWS key, and for which Auto Scaling group was each instance started?"
attack   = ["T1078.004"]
source   = "AWS IAM User Guide, logging IAM and AWS STS calls with CloudTrail (AssumeRoleWithSAML, AssumeRoleWithWebIdentity); IAM Roles Anywhere User Guide, CreateSession; Amazon EC2 Auto Scaling User Guide, tags of instances (aws:autoscaling:groupName)"
misses   = "What the identity provider was asked and by whom: its own logs show it. The group of an instance that was started without the tag."
uses     = ["api_calls"]
*/
-- Part of acting_names, in a view of its own because it parses requests and responses.
SELECT
    evidence_id, record_index, eventTime, eventSource, invoker IS DISTINCT FROM 'service' AS is_certain, 'identity_provider' AS identity_kind,
    coalesce(
        requestParameters->>'$.principalArn', responseElements->>'$.provider', userIdentity.identityProvider
    ) AS identity_name,
    CAST(NULL AS VARCHAR) AS mark
FROM api_calls
WHERE eventSource = 'sts.amazonaws.com' AND concat(eventName, '') IN ('AssumeRoleWithSAML', 'AssumeRoleWithWebIdentity')
UNION ALL
SELECT
    evidence_id, record_index, eventTime, eventSource, invoker IS DISTINCT FROM 'service', 'trust_anchor',
    requestParameters->>'$.trustAnchorArn', NULL
FROM api_calls
WHERE eventSource = 'rolesanywhere.amazonaws.com' AND concat(eventName, '') = 'CreateSession'
UNION ALL
SELECT
    evidence_id, record_index, eventTime, eventSource, invoker IS DISTINCT FROM 'service',
    'roles_anywhere_profile', requestParameters->>'$.profileArn', NULL
FROM api_calls
WHERE eventSource = 'rolesanywhere.amazonaws.com' AND concat(eventName, '') = 'CreateSession'
UNION ALL
SELECT
    evidence_id, record_index, eventTime, eventSource, invoker IS DISTINCT FROM 'service',
    'auto_scaling_group',
    concat(
        account_id, '/', awsRegion, '/', coalesce(
            nullif(regexp_extract(CAST(requestParameters AS VARCHAR),
                '"key" *: *"aws:autoscaling:groupName" *, *"value" *: *"([^"]+)"', 1), ''),
            regexp_extract(CAST(requestParameters AS VARCHAR),
                '"value" *: *"([^"]+)" *, *"key" *: *"aws:autoscaling:groupName"', 1)
        )
    ),
    NULL
FROM api_calls
WHERE eventSource = 'ec2.amazonaws.com' AND concat(eventName, '') = 'RunInstances'
    AND userIdentity.invokedBy LIKE 'autoscaling.amazonaws.%'
