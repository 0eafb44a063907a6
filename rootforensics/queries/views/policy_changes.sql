/*
title    = "Effect of policy changes"
question = "Which calls changed with a policy what identities may do, and does anyone gain permissions from it: gives, denies, limits, takes, unknown?"
attack   = ["T1098.003", "T1531"]
source   = "AWS IAM User Guide, policy element Effect; AWS Managed Policy Reference Guide, for the policies of AWS that deny something"
misses   = "The text of a customer managed policy that is named by its ARN, of a deleted inline policy, and of a replaced policy: unknown, or limits if the new text only denies. Whether a limit, such as a boundary, lets existing permissions take effect. AWS managed policies that have become denials since this list was made."
uses     = ["api_calls"]
*/
WITH changes AS (
    SELECT
        evidence_id, record_index, eventName,
        coalesce(
            requestParameters->>'$.policyArn', requestParameters->>'$.managedPolicyArn', requestParameters->>'$.permissionsBoundary'
        ) AS arn,
        requestParameters->>'$.policyId' AS policy_id,
        -- IAM ignores case in the names of a policy. Parsed JSON is rewritten without needless escapes.
        lower(CAST(TRY_CAST(lower(requestParameters->>'$.policyDocument') AS JSON)->'$.statement' AS VARCHAR)) AS statements
    FROM api_calls
    WHERE (eventSource = 'iam.amazonaws.com' AND (
            regexp_matches(eventName, '^((Attach|Detach|Put|Delete)(User|Role|Group)Policy|Put(User|Role)PermissionsBoundary)$')
            OR eventName IN ('CreatePolicy', 'CreatePolicyVersion', 'SetDefaultPolicyVersion')
        ))
        OR (eventSource = 'sso.amazonaws.com' AND eventName = 'AttachManagedPolicyToPermissionSet')
        OR (eventSource = 'organizations.amazonaws.com' AND eventName = 'AttachPolicy')
),
read AS (
    SELECT
        *,
        -- AWS managed policies: which of them deny only, and which deny anything.
        CASE WHEN regexp_matches(arn, '^arn:[^:]*:iam::aws:policy/') THEN regexp_extract(arn, '[^/]*$') END AS of_aws,
        coalesce(regexp_matches(of_aws, '^(AWSDenyAll|AWSCompromisedKeyQuarantine.*|AWSIAMIdentityCenterAllowListForIdentityContext)$'), false) AS only_denies,
        only_denies OR coalesce(regexp_matches(of_aws, concat(
            '^(AWS(CertificateManager)?PrivateCA(Privileged)?User|AWSCleanRoomsFullAccessNoQuerying|AWSDeepRacerDefaultMultiUserAccess',
            '|AWSLakeFormationDataAdmin|AWSQuickSetupManagedInstanceProfileExecutionPolicy|AWSTransformApplicationDeploymentPolicy',
            '|AmazonConnectReadOnlyAccess|AmazonRedshiftDataFullAccess|AwsGlueSessionUserRestricted.*|CloudWatchOmniSpaceAccessPolicy',
            '|SageMakerStudio.*|.*PermissionsBoundary)$'
        )), false) AS denies_something
    FROM changes
)
SELECT
    evidence_id, record_index,
    CASE
        WHEN eventName LIKE 'Detach%' AND of_aws IS NOT NULL THEN CASE WHEN denies_something THEN 'gives' ELSE 'takes' END
        WHEN of_aws IS NOT NULL THEN CASE WHEN only_denies THEN 'denies' ELSE 'gives' END
        WHEN statements LIKE '%"effect":"allow"%' OR policy_id IN ('p-FullAWSAccess', 'p-RCPFullAWSAccess') THEN 'gives'
        -- The replaced text may have denied more, unless the new one denies everything.
        WHEN statements LIKE '%"effect":"deny"%' AND replace(statements, '"effect":"deny"', '') NOT LIKE '%"effect":%' THEN CASE
            WHEN eventName = 'CreatePolicy' OR regexp_matches(
                statements, '\{[^{}]*"action":\[?"[*]"\]?[^{}]*"resource":\[?"[*]"\]?[^{}]*\}') THEN 'denies'
            ELSE 'limits' END
        ELSE 'unknown'
    END AS policy_effect
FROM read
