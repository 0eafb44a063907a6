/*
title    = "Meaning of the events of all callers"
question = "Which events of any caller are in the catalogue of actions, and did they succeed?"
attack   = ["T1078.004", "T1098", "T1136.003"]
source   = "The catalogue of actions (rootforensics/rules/catalogue); the origins of root_events; AssumeRoot as AWS IAM User Guide, track privileged tasks in CloudTrail"
misses   = "Events that the catalogue does not list (root_unlisted counts those of root). Partial failures: a batch that failed only in part counts as succeeded. Failed account creations, if the event that reports the result (CreateAccountResult) is not in the case. Everything that descendant_events misses. Calls by others (origin_group other, which also has descendants' events), unless a row rates them high or critical."
uses     = ["api_calls", "root_events", "descendant_events"]
*/
WITH refused_accounts AS (
    -- An account is created after the response; a later event reports the result.
    SELECT DISTINCT serviceEventDetails->>'$.createAccountStatus.id' AS request_id
    FROM api_calls
    WHERE eventSource = 'organizations.amazonaws.com' AND eventName = 'CreateAccountResult'
        AND (serviceEventDetails->>'$.createAccountStatus.state') = 'FAILED'
),
called AS (
    SELECT
        eventVersion, userIdentity, eventTime, eventSource, eventName, awsRegion, sourceIPAddress, userAgent, errorCode,
        errorMessage, requestParameters, responseElements, additionalEventData, eventID, readOnly, resources, eventType,
        recipientAccountId, serviceEventDetails, evidence_id, record_index, account_id, origin, origin_group, outcome,
        CAST(NULL AS VARCHAR) AS descendant, 'certain' AS certainty
    FROM root_events
    UNION ALL
    -- A call by another identity: one that opens a root session, or any other. Names are compared first, because most
    -- calls are in no row.
    SELECT
        eventVersion, userIdentity, eventTime, eventSource, eventName, awsRegion, sourceIPAddress, userAgent, errorCode,
        errorMessage, requestParameters, responseElements, additionalEventData, eventID, readOnly, resources, eventType,
        recipientAccountId, serviceEventDetails, evidence_id, record_index,
        coalesce(identity_account_id, account_id) AS account_id,
        CAST(NULL AS VARCHAR) AS origin,
        CASE WHEN eventSource = 'sts.amazonaws.com' AND eventName = 'AssumeRoot' THEN 'opening' ELSE 'other' END AS origin_group,
        outcome, CAST(NULL AS VARCHAR) AS descendant, 'certain' AS certainty
    FROM api_calls
    WHERE root_basis IS NULL AND eventName IN (
        SELECT call_name FROM actions WHERE severity IN ('high', 'critical') OR call_name = 'AssumeRoot'
    )
    UNION ALL
    SELECT
        eventVersion, userIdentity, eventTime, eventSource, eventName, awsRegion, sourceIPAddress, userAgent, errorCode,
        errorMessage, requestParameters, responseElements, additionalEventData, eventID, readOnly, resources, eventType,
        recipientAccountId, serviceEventDetails, evidence_id, record_index, account_id,
        CAST(NULL AS VARCHAR) AS origin, 'descendant' AS origin_group, outcome, descendant, certainty
    FROM descendant_events
    -- An AssumeRoot call is an opening, whoever made it.
    WHERE NOT (eventSource = 'sts.amazonaws.com' AND eventName = 'AssumeRoot')
),
acting AS (
    SELECT * REPLACE (
        CASE
            WHEN eventSource = 'organizations.amazonaws.com' AND eventName = 'CreateAccount' AND (
                (responseElements->>'$.createAccountStatus.state') = 'FAILED'
                OR (responseElements->>'$.createAccountStatus.id') IN (SELECT request_id FROM refused_accounts)
            ) THEN 'failure'
            ELSE outcome
        END AS outcome
    )
    FROM called
),
fitting AS (
    SELECT
        *,
        CASE WHEN outcome = 'success' AND makes <> ''
            THEN json_object('requestParameters', requestParameters, 'responseElements', responseElements) END AS made_in,
        -- If several rows match, the one with the most conditions counts; among equals the most severe.
        row_number() OVER (
            PARTITION BY origin_group, evidence_id, record_index
            ORDER BY condition_count DESC, strpos('info low medium high critical', severity) DESC, action_id
        ) AS place
    FROM acting INNER JOIN actions ON eventSource = call_source AND eventName = call_name
    WHERE
        -- Some rows are about root's own credentials, which the record does not show for other identities.
        (origin_group NOT IN ('descendant', 'other') OR NOT of_root)
        -- Written by make docs, from the conditions in the catalogue.
        AND CASE
            WHEN action_id IN ('account-put-alternate-contact-security') THEN ((requestParameters->>'$.alternateContactType') = 'SECURITY')
            WHEN action_id IN ('ec2-run-instances-accelerated') THEN (regexp_matches(requestParameters->>'$.instanceType', '^(p|g|trn|inf|dl|vt)[0-9]'))
            WHEN action_id IN ('ec2-authorize-security-group-ingress-world') THEN (regexp_matches(requestParameters->>'$.ipPermissions', '"(0[.]0[.]0[.]0/0|::/0)"') OR (requestParameters->>'$.cidrIp') = '0.0.0.0/0')
            WHEN action_id IN ('ec2-modify-snapshot-attribute-shared') THEN (coalesce(requestParameters->>'$.createVolumePermission.add.items[0].userId', requestParameters->>'$.createVolumePermission.add.items[0].group') IS NOT NULL)
            WHEN action_id IN ('ec2-modify-snapshot-attribute-withdrawn') THEN ((requestParameters->>'$.createVolumePermission.remove') IS NOT NULL) AND ((requestParameters->>'$.createVolumePermission.add') IS NULL)
            WHEN action_id IN ('ec2-modify-image-attribute-withdrawn') THEN ((requestParameters->>'$.launchPermission.remove') IS NOT NULL) AND ((requestParameters->>'$.launchPermission.add') IS NULL)
            WHEN action_id IN ('lambda-add-permission-public') THEN ((requestParameters->>'$.principal') = '*')
            WHEN action_id IN ('lambda-create-function-url-config-public') THEN ((requestParameters->>'$.authType') = 'NONE')
            WHEN action_id IN ('ecs-run-task-fargate', 'ecs-create-service-fargate') THEN ((requestParameters->>'$.launchType') = 'FARGATE' OR (requestParameters->>'$.capacityProviderStrategy') LIKE '%FARGATE%')
            WHEN action_id IN ('ec2-describe-instance-attribute-user-data') THEN ((requestParameters->>'$.attribute') = 'userData')
            WHEN action_id IN ('lambda-update-function-configuration-code') THEN (coalesce(requestParameters->>'$.layers', requestParameters->>'$.environment', requestParameters->>'$.role', requestParameters->>'$.handler') IS NOT NULL)
            WHEN action_id IN ('ssm-get-parameters-decrypted', 'ssm-get-parameter-decrypted', 'ssm-get-parameters-by-path-decrypted') THEN (lower(requestParameters->>'$.withDecryption') = 'true')
            WHEN action_id IN ('s3-put-bucket-versioning-mfa-delete-off') THEN ((requestParameters->>'$.VersioningConfiguration.MfaDelete') = 'Disabled')
            WHEN action_id IN ('s3-put-bucket-versioning-suspended') THEN ((requestParameters->>'$.VersioningConfiguration.Status') = 'Suspended')
            WHEN action_id IN ('s3-put-bucket-versioning-mfa-delete-on') THEN ((requestParameters->>'$.VersioningConfiguration.MfaDelete') = 'Enabled')
            WHEN action_id IN ('s3-put-bucket-versioning-enabled') THEN ((requestParameters->>'$.VersioningConfiguration.Status') = 'Enabled')
            WHEN action_id IN ('s3-put-bucket-acl-private') THEN ((requestParameters->>'$."x-amz-acl"') IN ('private', '["private"]'))
            WHEN action_id IN ('s3-put-account-public-access-block-all', 's3-put-bucket-public-access-block-all') THEN (lower(requestParameters->>'$.PublicAccessBlockConfiguration.BlockPublicAcls') = 'true') AND (lower(requestParameters->>'$.PublicAccessBlockConfiguration.IgnorePublicAcls') = 'true') AND (lower(requestParameters->>'$.PublicAccessBlockConfiguration.BlockPublicPolicy') = 'true') AND (lower(requestParameters->>'$.PublicAccessBlockConfiguration.RestrictPublicBuckets') = 'true')
            WHEN action_id IN ('s3-copy-object-customer-key') THEN ((requestParameters->>'$."x-amz-server-side-encryption-customer-algorithm"') <> '' OR (additionalEventData->>'$.SSEApplied') = 'SSE_C')
            WHEN action_id IN ('rds-modify-db-snapshot-attribute-withdrawn', 'rds-modify-db-cluster-snapshot-attribute-withdrawn') THEN (coalesce(requestParameters->>'$.valuesToRemove', '[]') <> '[]') AND (coalesce(requestParameters->>'$.valuesToAdd', '[]') = '[]')
            WHEN action_id IN ('rds-modify-db-instance-access') THEN (lower(requestParameters->>'$.publiclyAccessible') = 'true' OR (requestParameters->>'$.masterUserPassword') IS NOT NULL OR coalesce(requestParameters->>'$.vpcSecurityGroupIds', '[]') <> '[]')
            WHEN action_id IN ('rds-modify-db-instance-unprotected', 'rds-modify-db-cluster-unprotected') THEN (lower(requestParameters->>'$.deletionProtection') = 'false')
            WHEN action_id IN ('rds-modify-db-cluster-access') THEN ((requestParameters->>'$.masterUserPassword') IS NOT NULL OR coalesce(requestParameters->>'$.vpcSecurityGroupIds', '[]') <> '[]')
            WHEN action_id IN ('rds-delete-db-instance-no-snapshot') THEN (lower(requestParameters->>'$.skipFinalSnapshot') = 'true')
            WHEN action_id IN ('secretsmanager-delete-secret-at-once') THEN (lower(requestParameters->>'$.forceDeleteWithoutRecovery') = 'true')
            WHEN action_id IN ('sqs-set-queue-attributes-policy') THEN ((requestParameters->>'$.attributes.Policy') IS NOT NULL)
            WHEN action_id IN ('guardduty-update-member-detectors-disabled') THEN ((requestParameters->>'$.features') LIKE '%"DISABLED"%' OR (requestParameters->>'$.dataSources') LIKE '%false%')
            WHEN action_id IN ('guardduty-update-organization-configuration-off') THEN (lower(requestParameters->>'$.autoEnable') = 'false' OR (requestParameters->>'$.autoEnableOrganizationMembers') = 'NONE' OR (requestParameters->>'$.features') LIKE '%"NONE"%')
            WHEN action_id IN ('securityhub-update-organization-configuration-off') THEN (lower(coalesce(requestParameters->>'$.autoEnable', requestParameters->>'$.AutoEnable')) = 'false' OR coalesce(requestParameters->>'$.autoEnableStandards', requestParameters->>'$.AutoEnableStandards') = 'NONE')
            WHEN action_id IN ('macie2-update-organization-configuration-off', 'detective-update-organization-configuration-off') THEN (lower(requestParameters->>'$.autoEnable') = 'false')
            WHEN action_id IN ('inspector2-update-organization-configuration-off') THEN (lower(requestParameters->>'$.autoEnable') LIKE '%false%')
            WHEN action_id IN ('guardduty-update-filter-archive', 'macie2-create-findings-filter-hides', 'macie2-update-findings-filter-hides', 'guardduty-create-filter-archive') THEN ((requestParameters->>'$.action') = 'ARCHIVE')
            WHEN action_id IN ('securityhub-batch-update-standards-control-associations-disabled') THEN (coalesce(requestParameters->>'$.standardsControlAssociationUpdates', requestParameters->>'$.StandardsControlAssociationUpdates') LIKE '%"DISABLED"%')
            WHEN action_id IN ('securityhub-create-automation-rule-hides') THEN (regexp_matches(coalesce(requestParameters->>'$.actions', requestParameters->>'$.Actions'), '"(SUPPRESSED|RESOLVED|FALSE_POSITIVE|BENIGN_POSITIVE)"'))
            WHEN action_id IN ('securityhub-create-automation-rule-v2-hides') THEN (regexp_matches(coalesce(requestParameters->>'$.actions', requestParameters->>'$.Actions'), '(?i)"statusid": ?[345]'))
            WHEN action_id IN ('securityhub-batch-update-findings-hidden') THEN (regexp_matches(coalesce(requestParameters->>'$.workflow', requestParameters->>'$.Workflow', ''), '"(SUPPRESSED|RESOLVED)"') OR coalesce(requestParameters->>'$.verificationState', requestParameters->>'$.VerificationState') IN ('FALSE_POSITIVE', 'BENIGN_POSITIVE'))
            WHEN action_id IN ('macie2-update-macie-session-paused') THEN ((requestParameters->>'$.status') = 'PAUSED')
            WHEN action_id IN ('inspector2-create-filter-hides', 'inspector2-update-filter-hides') THEN ((requestParameters->>'$.action') = 'SUPPRESS')
            WHEN action_id IN ('iam-create-access-key-for-root', 'iam-delete-access-key-for-root', 'iam-create-login-profile-for-root', 'iam-delete-login-profile-for-root') THEN (coalesce(requestParameters->>'$.userName', '') IN ('', 'AWS ROOT USER')) AND (eventVersion IS NOT NULL)
            WHEN action_id IN ('iam-update-access-key-for-root-deactivate') THEN (coalesce(requestParameters->>'$.userName', '') IN ('', 'AWS ROOT USER')) AND (eventVersion IS NOT NULL) AND ((requestParameters->>'$.status') = 'Inactive')
            WHEN action_id IN ('iam-update-access-key-for-root-activate') THEN (coalesce(requestParameters->>'$.userName', '') IN ('', 'AWS ROOT USER')) AND (eventVersion IS NOT NULL) AND ((requestParameters->>'$.status') = 'Active')
            WHEN action_id IN ('iam-update-access-key-deactivate') THEN ((requestParameters->>'$.status') = 'Inactive')
            WHEN action_id IN ('iam-update-access-key-activate') THEN ((requestParameters->>'$.status') = 'Active')
            WHEN action_id IN ('iam-change-password-for-root') THEN (coalesce(nullif(lower(userIdentity.type), '') = 'root', userIdentity.arn LIKE 'arn:%:iam::%:root'))
            WHEN action_id IN ('iam-enable-mfa-device-for-root', 'iam-deactivate-mfa-device-for-root') THEN ((requestParameters->>'$.serialNumber') LIKE '%:mfa/root-account-mfa-device' OR (coalesce(requestParameters->>'$.userName', '') IN ('', 'AWS ROOT USER') AND eventVersion IS NOT NULL))
            WHEN action_id IN ('iam-attach-user-policy-administrator', 'iam-attach-role-policy-administrator', 'iam-attach-group-policy-administrator') THEN ((requestParameters->>'$.policyArn') LIKE '%:policy/AdministratorAccess')
            WHEN action_id IN ('cloudtrail-update-trail-narrowed') THEN (lower(requestParameters->>'$.isMultiRegionTrail') = 'false' OR lower(requestParameters->>'$.includeGlobalServiceEvents') = 'false')
            WHEN action_id IN ('cloudtrail-update-event-data-store-unprotected') THEN (lower(requestParameters->>'$.terminationProtectionEnabled') = 'false')
            WHEN action_id IN ('guardduty-update-detector-disabled') THEN (lower(requestParameters->>'$.enable') = 'false')
            WHEN action_id IN ('events-put-rule-disabled') THEN ((requestParameters->>'$.state') = 'DISABLED')
            WHEN action_id IN ('signin-console-login-with-mfa') THEN (lower(responseElements->>'$.ConsoleLogin') = 'success') AND (lower(additionalEventData->>'$.MFAUsed') = 'yes') AND (coalesce(lower(trim(userIdentity.type)), '') <> 'federateduser')
            WHEN action_id IN ('signin-console-login-without-mfa') THEN (lower(responseElements->>'$.ConsoleLogin') = 'success') AND (lower(additionalEventData->>'$.MFAUsed') = 'no') AND (coalesce(lower(trim(userIdentity.type)), '') <> 'federateduser')
            WHEN action_id IN ('signin-console-login-failed-with-mfa') THEN (lower(responseElements->>'$.ConsoleLogin') = 'failure') AND (lower(additionalEventData->>'$.MFAUsed') = 'yes')
            WHEN action_id IN ('signin-console-login-failed') THEN (lower(responseElements->>'$.ConsoleLogin') = 'failure')
            WHEN action_id IN ('signin-console-login-federated') THEN (lower(responseElements->>'$.ConsoleLogin') = 'success') AND (lower(trim(userIdentity.type)) = 'federateduser')
            WHEN action_id IN ('sts-get-federation-token-by-user') THEN (lower(trim(userIdentity.type)) = 'iamuser')
            WHEN action_id IN ('signin-console-login-of-user-without-mfa') THEN (lower(responseElements->>'$.ConsoleLogin') = 'success') AND (lower(additionalEventData->>'$.MFAUsed') = 'no') AND (coalesce(lower(trim(userIdentity.type)), '') <> 'federateduser') AND (lower(trim(userIdentity.type)) = 'iamuser')
            WHEN action_id IN ('signin-console-login-of-user') THEN (lower(responseElements->>'$.ConsoleLogin') = 'success') AND (coalesce(lower(additionalEventData->>'$.MFAUsed'), '') <> 'no') AND (lower(trim(userIdentity.type)) = 'iamuser')
            ELSE true
        END
)
SELECT
    eventTime,
    account_id,
    awsRegion,
    origin_group,
    origin,
    descendant,
    certainty,
    action_id,
    CASE outcome WHEN 'success' THEN 'succeeded' WHEN 'failure' THEN 'attempted' ELSE 'unknown' END AS result,
    CASE outcome WHEN 'failure' THEN attempt_severity ELSE severity END AS severity,
    act,
    CASE
        WHEN outcome = 'success' THEN means
        WHEN outcome = 'failure' AND errorCode LIKE '%DryRunOperation'
            THEN concat(replace(rtrim(attempt_means, '.'), 'Tried to ', 'Tested the permission to '), '; dry run, nothing changed.')
        WHEN outcome = 'failure' THEN attempt_means
        ELSE concat(rtrim(attempt_means, '.'), '; outcome not recorded.')
    END AS means,
    CASE
        -- A row about failed attempts describes their meaning.
        WHEN outcome = 'success' OR means = attempt_means THEN matters
        WHEN outcome = 'failure' THEN concat('Effect if it succeeds: ', matters)
        ELSE concat('Effect if it succeeded: ', matters)
    END AS matters,
    category,
    tactic,
    techniques,
    tactic_v18,
    techniques_v18,
    root_task,
    needs_root,
    CASE WHEN outcome IS DISTINCT FROM 'failure' THEN undo END AS undo,
    eventSource,
    eventName,
    errorCode,
    errorMessage,
    sourceIPAddress,
    userAgent,
    userIdentity.arn AS actor,
    userIdentity.accessKeyId AS accessKeyId,
    requestParameters,
    responseElements,
    CASE WHEN made_in IS NOT NULL
        THEN concat_ws(' ', makes, coalesce(made_in->>split_part(made_at, ' ', 1), made_in->>split_part(made_at, ' ', 2))) END AS made,
    eventID,
    evidence_id,
    record_index
FROM fitting
WHERE place = 1
