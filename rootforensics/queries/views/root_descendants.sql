/*
title    = "Identities that descend from root"
question = "Which keys, users, service-specific credentials, roles, sessions, instances, ECS tasks, functions, identity providers, IAM Identity Center users, trust anchors, Roles Anywhere profiles, Auto Scaling groups and delegations did root create, give access to or give permissions, and these in turn, and in which period were they under root's influence?"
attack   = ["T1136.003", "T1098.001"]
source   = "AWS CloudTrail User Guide, userIdentity element; AWS IAM User Guide, logging IAM and AWS STS calls with CloudTrail; AWS Lambda Developer Guide, execution role; IAM Roles Anywhere User Guide, CreateSession; Amazon EC2 Auto Scaling User Guide, tags of instances; AWS IAM User Guide, IAM temporary delegation"
misses   = "Roles that AWS created for its services. The role that a stack was given earlier, and roles used by services that run what they are asked to (the verdict names those that may have acted). IAM Identity Center users in records without onBehalfOf, and those who get permissions from a group or permission set. Tasks that an ECS service started. Instances that Auto Scaling started without the group's tag, and instances that a command named only by tags. Creations that are missing from the logs. Members of a group or users of a policy from before the logs begin. The assumptions of delegate_names. Chains of more than 64 steps. Two identities with one name are separated by their unique IDs if the records have them, else by the deletion or new creation between them. A session name of a federated or role session in the console is possible, because another caller may have chosen the same."
uses     = ["root_activity", "service_activity", "acting_names", "policy_changes"]
*/
WITH RECURSIVE calls AS (
    SELECT
        evidence_id, record_index, eventID, eventTime, eventSource, eventName, awsRegion,
        account_id,
        coalesce(invoker = 'service', false) AS by_service,
        userIdentity.arn AS arn, requestParameters AS asked, responseElements AS answered
    FROM api_calls
    WHERE outcome IS DISTINCT FROM 'failure' AND identity_type IS DISTINCT FROM 'AWSService' AND (
        (eventSource = 'iam.amazonaws.com' AND eventName IN (
            'CreateUser', 'UpdateUser', 'DeleteUser', 'CreateRole', 'DeleteRole', 'CreateAccessKey', 'UpdateAccessKey',
            'CreateLoginProfile', 'UpdateLoginProfile', 'UpdateAssumeRolePolicy', 'CreateSAMLProvider', 'UpdateSAMLProvider',
            'DeleteSAMLProvider', 'CreateOpenIDConnectProvider', 'UpdateOpenIDConnectProviderThumbprint',
            'AddClientIDToOpenIDConnectProvider', 'DeleteOpenIDConnectProvider', 'CreateServiceSpecificCredential',
            'ResetServiceSpecificCredential', 'UpdateServiceSpecificCredential', 'UploadSSHPublicKey', 'UpdateSSHPublicKey',
            'UploadSigningCertificate', 'UpdateSigningCertificate', 'EnableMFADevice', 'DeactivateMFADevice',
            'AttachUserPolicy', 'PutUserPolicy', 'DetachUserPolicy', 'DeleteUserPolicy', 'PutUserPermissionsBoundary',
            'DeleteUserPermissionsBoundary', 'AddUserToGroup', 'RemoveUserFromGroup', 'AttachRolePolicy', 'PutRolePolicy',
            'DetachRolePolicy', 'DeleteRolePolicy', 'PutRolePermissionsBoundary', 'DeleteRolePermissionsBoundary',
            'AttachGroupPolicy', 'PutGroupPolicy', 'DetachGroupPolicy', 'DeleteGroupPolicy', 'CreatePolicy',
            'CreatePolicyVersion', 'SetDefaultPolicyVersion', 'AcceptDelegationRequest', 'SendDelegationToken'
        ))
        OR (eventSource = 'ec2.amazonaws.com' AND eventName IN (
            'RunInstances', 'ModifyInstanceAttribute', 'AssociateIamInstanceProfile', 'ReplaceIamInstanceProfileAssociation'
        ))
        OR (eventSource = 'ecs.amazonaws.com' AND eventName IN ('RunTask', 'StartTask', 'ExecuteCommand'))
        OR (eventSource = 'lambda.amazonaws.com' AND eventName IN (
            'CreateFunction', 'UpdateFunctionCode', 'UpdateFunctionConfiguration',
            'DeleteFunction'
        ))
        OR (eventSource = 'ssm.amazonaws.com' AND eventName IN ('SendCommand', 'StartSession'))
        OR (eventSource = 'ec2-instance-connect.amazonaws.com' AND eventName IN ('SendSSHPublicKey', 'SendSerialConsoleSSHPublicKey'))
        OR (eventSource IN ('identitystore.amazonaws.com', 'sso-directory.amazonaws.com') AND eventName IN (
            'AddMemberToGroup', 'CompleteVirtualMfaDeviceRegistration', 'CompleteWebAuthnDeviceRegistration',
            'CreateGroupMembership', 'CreateUser', 'DeleteMfaDeviceForUser', 'EnableUser', 'UpdatePassword', 'UpdateUser'
        ))
        OR (eventSource = 'sso.amazonaws.com' AND eventName = 'CreateAccountAssignment')
        OR (eventSource = 'sts.amazonaws.com' AND eventName = 'GetFederationToken')
        OR (eventSource = 'rolesanywhere.amazonaws.com' AND eventName IN (
            'CreateTrustAnchor', 'UpdateTrustAnchor', 'EnableTrustAnchor', 'CreateProfile', 'UpdateProfile', 'EnableProfile'
        ))
        OR (eventSource = 'autoscaling.amazonaws.com' AND eventName IN (
            'CreateAutoScalingGroup', 'UpdateAutoScalingGroup', 'DeleteAutoScalingGroup'
        ))
        OR (eventSource = 'cloudformation.amazonaws.com' AND eventName IN (
            'ContinueUpdateRollback', 'CreateChangeSet', 'CreateStack', 'DeleteStack', 'RollbackStack', 'UpdateStack'
        ))
        OR (eventSource = 'signin.amazonaws.com' AND eventName IN ('SwitchRole', 'GetSigninToken')
            AND identity_type = 'AssumedRole'
            AND coalesce(responseElements->>'$.SwitchRole', responseElements->>'$.GetSigninToken') = 'Success')
    )
),
-- A change that only denies, or removes what only allowed, gives no one access.
harmless AS (SELECT evidence_id, record_index FROM policy_changes WHERE policy_effect IN ('denies', 'takes')),
-- Effect of a call on an identity: it creates, opens (if it existed before) or removes it.
named AS (
    SELECT
        *,
        CASE
            -- Permissions that were added or removed: removed ones may have denied, if they are not in harmless.
            WHEN regexp_matches(eventName, '(Policy|Boundary|MFADevice|Group)$') THEN 'opens'
            WHEN eventName LIKE 'Delete%' THEN 'ends'
            WHEN regexp_matches(eventName, '^(Update|Upload|Reset)') OR eventName IN (
                'CreateServiceSpecificCredential', 'CreateLoginProfile', 'AddClientIDToOpenIDConnectProvider', 'GetSigninToken'
            ) THEN 'opens'
            ELSE 'makes'
        END AS effect,
        CASE
            WHEN eventName IN ('CreateUser', 'DeleteUser', 'CreateLoginProfile', 'UpdateLoginProfile') THEN 'user'
            WHEN regexp_matches(eventName, 'User(Policy|PermissionsBoundary|ToGroup)$|MFADevice$') THEN 'user'
            WHEN eventName IN ('CreateRole', 'DeleteRole') OR regexp_matches(eventName, 'Role(Policy|PermissionsBoundary)$') THEN 'role'
            WHEN eventName LIKE '%Provider%' THEN 'identity_provider'
            WHEN eventName LIKE '%Function%' THEN 'function'
            WHEN eventName IN ('SwitchRole', 'GetSigninToken') THEN 'role_session'
            WHEN eventName LIKE '%SigningCertificate' THEN 'user'
            WHEN eventName LIKE '%Delegation%' THEN 'delegation'
            WHEN regexp_matches(eventName, 'ServiceSpecificCredential|SSHPublicKey') THEN 'service_credential'
            ELSE 'access_key'
        END AS identity_kind,
        CASE
            WHEN eventName IN ('CreateUser', 'DeleteUser', 'CreateLoginProfile', 'UpdateLoginProfile')
                OR regexp_matches(eventName, 'User(Policy|PermissionsBoundary|ToGroup)$|MFADevice$') THEN concat(
                account_id, '/', coalesce(answered->>'$.user.userName', nullif(asked->>'$.userName', 'AWS ROOT USER')))
            WHEN eventName IN ('CreateRole', 'DeleteRole') OR regexp_matches(eventName, 'Role(Policy|PermissionsBoundary)$') THEN concat(
                account_id, '/', coalesce(answered->>'$.role.roleName', asked->>'$.roleName'))
            WHEN eventName LIKE '%SAMLProvider' THEN coalesce(
                asked->>'$.sAMLProviderArn', answered->>'$.sAMLProviderArn')
            WHEN eventName LIKE '%Provider%' THEN coalesce(
                asked->>'$.openIDConnectProviderArn', answered->>'$.openIDConnectProviderArn')
            -- Deleting one version of a function (a qualifier) does not delete the function.
            WHEN eventName LIKE '%Function%' AND (asked->>'$.qualifier') IS NULL THEN concat(
                account_id, '/', regexp_extract(asked->>'$.functionName', '^(.*function:)?([A-Za-z0-9_-]+)', 2))
            WHEN eventName IN ('SwitchRole', 'GetSigninToken') THEN arn
            -- As in delegate_names.
            WHEN eventName LIKE '%Delegation%' THEN concat(
                account_id, '/', coalesce(nullif(asked->>'$.delegationRequestId', ''), 'not recorded'))
            WHEN eventName = 'CreateAccessKey' THEN answered->>'$.accessKey.accessKeyId'
            -- Something that was only disabled gives no one access.
            WHEN regexp_matches(eventName, 'ServiceSpecificCredential|SSHPublicKey|SigningCertificate')
                THEN CASE WHEN eventName NOT LIKE 'Update%' OR (asked->>'$.status') = 'Active' THEN concat(
                    account_id, '/', coalesce(
                        asked->>'$.userName', answered->>'$.serviceSpecificCredential.userName',
                        answered->>'$.sSHPublicKey.userName', answered->>'$.certificate.userName'
                    )) END
            WHEN (asked->>'$.status') = 'Active' THEN asked->>'$.accessKeyId'
        END AS identity_name,
        CASE
            WHEN eventName = 'CreateUser' THEN answered->>'$.user.userId'
            WHEN eventName = 'CreateRole' THEN answered->>'$.role.roleId'
            WHEN eventName LIKE '%Function%' THEN nullif(
                regexp_extract(coalesce(answered->>'$.role', asked->>'$.role'), '([^/]+)$', 1), '')
            WHEN eventName LIKE '%SSHPublicKey' THEN 'codecommit'
            WHEN eventName LIKE '%ServiceSpecificCredential' THEN nullif(regexp_extract(coalesce(
                answered->>'$.serviceSpecificCredential.serviceName', asked->>'$.serviceName'), '^[a-z]+'), '')
        END AS mark
    FROM calls ANTI JOIN harmless USING (evidence_id, record_index)
    WHERE eventSource IN ('iam.amazonaws.com', 'lambda.amazonaws.com', 'signin.amazonaws.com')
        AND NOT regexp_matches(eventName, 'GroupPolicy$|^CreatePolicy|^SetDefault|^RemoveUser|^UpdateUser$')
),
-- Identities that gained or lost the permissions of a group or a policy, whoever did it.
held AS (
    SELECT
        eventTime, NOT regexp_matches(eventName, '^(Detach|Remove)') AS joins,
        coalesce(asked->>'$.policyArn', asked->>'$.permissionsBoundary', concat(account_id, '/', asked->>'$.groupName')) AS container,
        CASE WHEN (asked->>'$.roleName') <> '' THEN 'role' WHEN (asked->>'$.userName') <> '' THEN 'user' ELSE 'group' END AS holder_kind,
        concat(account_id, '/', coalesce(asked->>'$.roleName', asked->>'$.userName', asked->>'$.groupName')) AS holder
    FROM calls
    WHERE eventSource = 'iam.amazonaws.com' AND eventName IN (
        'AddUserToGroup', 'RemoveUserFromGroup', 'AttachUserPolicy', 'DetachUserPolicy', 'AttachRolePolicy', 'DetachRolePolicy',
        'AttachGroupPolicy', 'DetachGroupPolicy', 'PutUserPermissionsBoundary', 'PutRolePermissionsBoundary'
    )
),
-- Start and end of the period. Whoever the first call removes had it before. Records of the same second have no
-- order: what ends in it existed before, and what begins in it continues afterwards.
holding AS (
    SELECT container, holder_kind, holder, CASE WHEN joins THEN eventTime END AS since_time, CASE WHEN joins THEN left_time ELSE eventTime END AS left_time
    FROM (
        SELECT
            *,
            min(CASE WHEN NOT joins THEN eventTime END) OVER (
                PARTITION BY container, holder_kind, holder ORDER BY coalesce(eventTime, TIMESTAMPTZ '1970-01-01 00:00:00+00')
                RANGE BETWEEN INTERVAL 1 MICROSECOND FOLLOWING AND UNBOUNDED FOLLOWING
            ) AS left_time,
            eventTime IS NOT DISTINCT FROM min(eventTime) OVER (PARTITION BY container, holder_kind, holder) AS is_first
        FROM held
    ) AS told
    WHERE joins OR is_first
),
holders AS (
    SELECT container, holder_kind, holder, since_time, left_time FROM holding WHERE holder_kind <> 'group'
    UNION
    SELECT p.container, g.holder_kind, g.holder, greatest(p.since_time, g.since_time), least(p.left_time, g.left_time)
    FROM holding AS p INNER JOIN holding AS g ON p.holder_kind = 'group' AND p.holder = g.container
),
-- The same outside IAM. A new Roles Anywhere profile admits holders of a certificate of an existing anchor.
named_beyond AS (
    SELECT
        *,
        CASE
            WHEN eventName = 'DeleteAutoScalingGroup' THEN 'ends'
            WHEN eventName IN ('CreateUser', 'CreateTrustAnchor', 'CreateAutoScalingGroup') THEN 'makes'
            ELSE 'opens'
        END AS effect,
        CASE
            WHEN eventSource IN ('identitystore.amazonaws.com', 'sso-directory.amazonaws.com', 'sso.amazonaws.com')
                THEN 'identity_center_user'
            WHEN eventName LIKE '%TrustAnchor' THEN 'trust_anchor'
            WHEN eventName LIKE '%Profile' THEN 'roles_anywhere_profile'
            WHEN eventName LIKE '%AutoScalingGroup' THEN 'auto_scaling_group'
            ELSE 'task'
        END AS identity_kind,
        CASE
            -- The directory's console records the ID of a user at several depths.
            WHEN eventSource IN ('identitystore.amazonaws.com', 'sso-directory.amazonaws.com') THEN nullif(regexp_extract(
                CAST(CASE WHEN eventName = 'CreateUser' THEN answered ELSE asked END AS VARCHAR),
                '"(userId|memberId)" *: *"([^"]+)"', 2
            ), '')
            WHEN eventName = 'CreateAccountAssignment' AND (asked->>'$.principalType') = 'USER' THEN asked->>'$.principalId'
            WHEN eventName LIKE '%TrustAnchor' THEN answered->>'$.trustAnchor.trustAnchorArn'
            WHEN eventName LIKE '%Profile' THEN answered->>'$.profile.profileArn'
            WHEN eventName LIKE '%AutoScalingGroup' THEN concat(
                account_id, '/', awsRegion, '/', asked->>'$.autoScalingGroupName')
            WHEN eventName = 'ExecuteCommand' THEN nullif(
                regexp_extract(asked->>'$.task', '([0-9a-f]{32}|[0-9a-f-]{36})$', 1), '')
        END AS identity_name
    FROM calls
    WHERE eventSource IN (
        'identitystore.amazonaws.com', 'sso-directory.amazonaws.com', 'sso.amazonaws.com', 'rolesanywhere.amazonaws.com',
        'autoscaling.amazonaws.com'
    ) OR (eventSource = 'ecs.amazonaws.com' AND eventName = 'ExecuteCommand')
),
-- A renamed user is the same user: the old name ends, and the new one continues it.
renamed AS (
    SELECT *, concat(account_id, '/', asked->>'$.userName') AS old_name,
        concat(account_id, '/', asked->>'$.newUserName') AS new_name
    FROM calls
    WHERE eventSource = 'iam.amazonaws.com' AND eventName = 'UpdateUser' AND (asked->>'$.newUserName') <> ''
        AND (asked->>'$.newUserName') <> (asked->>'$.userName')
),
-- The most frequent case: sessions whose key is in the response.
sessions AS (
    SELECT
        evidence_id, record_index, eventID, eventTime, eventName, awsRegion,
        account_id,
        coalesce(invoker = 'service', false) AS by_service,
        coalesce(
            responseElements->>'$.credentials.accessKeyId', responseElements->>'$.credentialSet[0].credentials.accessKeyId'
        ) AS access_key
    FROM api_calls
    WHERE eventSource IN ('sts.amazonaws.com', 'rolesanywhere.amazonaws.com') AND outcome IS DISTINCT FROM 'failure'
        AND identity_type IS DISTINCT FROM 'AWSService'
        AND eventName IN (
            'GetSessionToken', 'GetFederationToken', 'AssumeRole', 'AssumeRoleWithSAML', 'AssumeRoleWithWebIdentity',
            'AssumeRoot', 'CreateSession'
        )
),
effects AS (
    SELECT evidence_id, record_index, eventID, eventTime, eventName, awsRegion, account_id, by_service, effect,
        identity_kind, identity_name, mark, CAST(NULL AS VARCHAR) AS old_name, CAST(NULL AS TIMESTAMPTZ) AS left_time
    FROM named
    WHERE identity_name <> '' AND identity_name NOT LIKE '%/'
    UNION ALL
    SELECT evidence_id, record_index, eventID, eventTime, eventName, awsRegion, account_id, by_service, effect,
        identity_kind, identity_name, NULL, NULL, NULL
    FROM named_beyond
    WHERE identity_name <> '' AND identity_name NOT LIKE '%/'
    UNION ALL
    SELECT evidence_id, record_index, eventID, eventTime, eventName, awsRegion, account_id, by_service, 'ends', 'user',
        old_name, NULL, NULL, NULL
    FROM renamed
    UNION ALL
    SELECT evidence_id, record_index, eventID, eventTime, eventName, awsRegion, account_id, by_service, 'renames', kind,
        new_name, NULL, old_name, NULL
    FROM renamed CROSS JOIN unnest(['user', 'service_credential']) AS named_so(kind)
    UNION ALL
    SELECT evidence_id, record_index, eventID, eventTime, eventName, awsRegion, account_id, by_service, 'makes',
        'access_key', access_key, NULL, NULL, NULL
    FROM sessions
    WHERE access_key <> ''
    UNION ALL
    -- A console session opened with it has different keys and the same name, which someone else may have chosen as
    -- well.
    SELECT evidence_id, record_index, eventID, eventTime, eventName, awsRegion, account_id, by_service, 'opens',
        'role_session',
        coalesce(answered->>'$.federatedUser.arn', concat('arn:', split_part(arn, ':', 2), ':sts::', split_part(arn, ':', 5),
            ':federated-user/', asked->>'$.name')),
        NULL, NULL, NULL
    FROM calls
    WHERE eventName = 'GetFederationToken'
    UNION ALL
    -- CloudFormation uses a stack's role as the stack says.
    SELECT evidence_id, record_index, eventID, eventTime, eventName, awsRegion, account_id, by_service, 'opens',
        'role_session',
        concat('arn:', split_part(asked->>'$.roleARN', ':', 2), ':sts::', split_part(asked->>'$.roleARN', ':', 5),
            ':assumed-role/', regexp_extract(asked->>'$.roleARN', '([^/]+)$', 1), '/AWSCloudFormation'),
        NULL, NULL, NULL
    FROM calls
    WHERE eventSource = 'cloudformation.amazonaws.com' AND (asked->>'$.roleARN') LIKE 'arn:%:role/%'
    UNION ALL
    -- A call that starts several instances names them in a list.
    SELECT evidence_id, record_index, eventID, eventTime, eventName, awsRegion, account_id, by_service, 'makes',
        'instance', instance, NULL, NULL, NULL
    FROM calls CROSS JOIN unnest(
        regexp_extract_all(CAST(answered AS VARCHAR), '"instanceId" *: *"(i-[0-9a-f]+)"', 1)
    ) AS started(instance)
    WHERE eventName = 'RunInstances'
    UNION ALL
    -- An existing instance: a command in it, a shell, a new start script or another role.
    SELECT DISTINCT evidence_id, record_index, eventID, eventTime, eventName, awsRegion, account_id, by_service, 'opens',
        'instance', instance, NULL, NULL, NULL
    FROM calls CROSS JOIN unnest(regexp_extract_all(
        concat(CAST(asked AS VARCHAR), ' ', CAST(answered AS VARCHAR)), '"(i-[0-9a-f]+)"', 1
    )) AS entered(instance)
    WHERE eventName IN (
            'SendCommand', 'StartSession', 'SendSSHPublicKey', 'SendSerialConsoleSSHPublicKey', 'AssociateIamInstanceProfile',
            'ReplaceIamInstanceProfileAssociation'
        )
        OR (eventName = 'ModifyInstanceAttribute' AND ((asked->>'$.userData') IS NOT NULL OR (asked->>'$.attribute') = 'userData'))
    UNION ALL
    SELECT evidence_id, record_index, eventID, eventTime, eventName, awsRegion, account_id, by_service, 'makes',
        'task', task, NULL, NULL, NULL
    FROM calls CROSS JOIN unnest(
        regexp_extract_all(CAST(answered AS VARCHAR), '"taskArn" *: *"arn:[^"]*:task/([^"/]*/)?([0-9a-f-]+)"', 2)
    ) AS started(task)
    WHERE eventName IN ('RunTask', 'StartTask')
    UNION ALL
    -- A new policy of a group, or a new policy text, gives permissions to all its current and later holders.
    SELECT c.evidence_id, c.record_index, c.eventID, greatest(c.eventTime, h.since_time), c.eventName, c.awsRegion, c.account_id,
        c.by_service, 'opens', h.holder_kind, h.holder, NULL, NULL, h.left_time
    FROM calls AS c ANTI JOIN harmless USING (evidence_id, record_index) INNER JOIN holders AS h ON h.container = CASE WHEN c.eventName LIKE '%GroupPolicy'
        THEN concat(c.account_id, '/', c.asked->>'$.groupName')
        ELSE coalesce(c.asked->>'$.policyArn', c.answered->>'$.policy.arn') END
    WHERE c.eventSource = 'iam.amazonaws.com' AND (
            c.eventName LIKE '%GroupPolicy' OR c.eventName IN ('CreatePolicy', 'SetDefaultPolicyVersion')
            OR (c.eventName = 'CreatePolicyVersion' AND (c.asked->>'$.setAsDefault') = 'true')
        ) AND coalesce(h.left_time > c.eventTime, true)
),
-- A name refers to the created entity until someone deletes, renames or recreates it.
lasting AS (
    SELECT
        *,
        min(CASE WHEN effect <> 'opens' THEN eventTime END) OVER later AS next_time,
        -- In that second, the name may already belong to another entity.
        coalesce(min(CASE WHEN effect = 'makes' OR effect = 'renames' THEN eventTime END) OVER later
            = min(CASE WHEN effect <> 'opens' THEN eventTime END) OVER later, false) AS is_given_on,
        -- If an entity was created twice and removed within one second, the remaining one is unknown.
        count(*) FILTER (WHERE effect = 'makes') OVER second > 1 AND bool_or(effect = 'ends') OVER second AS is_doubtful
    FROM effects
    WHERE identity_kind IN ('user', 'role', 'function', 'identity_provider', 'auto_scaling_group')
    WINDOW
        second AS (
            PARTITION BY identity_kind, identity_name, CASE WHEN identity_kind = 'function' THEN awsRegion END, eventTime
        ),
        later AS (
            PARTITION BY identity_kind, identity_name, CASE WHEN identity_kind = 'function' THEN awsRegion END
            ORDER BY coalesce(eventTime, TIMESTAMPTZ '1970-01-01 00:00:00+00')
            RANGE BETWEEN INTERVAL 1 MICROSECOND FOLLOWING AND UNBOUNDED FOLLOWING
        )
    UNION ALL
    -- IDs are never reused. A console session ends after at most twelve hours, a federated one after 36.
    SELECT *, CASE
            WHEN eventName = 'GetFederationToken' THEN eventTime + INTERVAL 36 HOUR
            WHEN identity_kind = 'role_session' THEN eventTime + INTERVAL 12 HOUR
        END, false, false
    FROM effects
    WHERE identity_kind IN (
        'access_key', 'instance', 'task', 'role_session', 'delegation', 'service_credential', 'identity_center_user', 'trust_anchor',
        'roles_anywhere_profile'
    )
),
made AS MATERIALIZED (
    SELECT
        evidence_id, record_index, eventID, eventName AS made_by, account_id, awsRegion AS region, by_service, effect,
        identity_kind, identity_name, mark, eventTime AS since_time, least(next_time, left_time) AS until_time, old_name,
        is_given_on, is_doubtful
    FROM lasting
    WHERE effect <> 'ends'
),
-- Every creation with each name of its creator that was itself created; a new name continues the old one.
links AS MATERIALIZED (
    SELECT m.*, n.identity_kind AS by_kind, n.identity_name AS by_name, n.mark AS by_mark
    FROM made AS m INNER JOIN acting_names AS n ON m.evidence_id = n.evidence_id AND m.record_index = n.record_index
    WHERE m.effect <> 'renames' AND n.eventSource IN (
        'iam.amazonaws.com', 'sts.amazonaws.com', 'ec2.amazonaws.com', 'lambda.amazonaws.com', 'ecs.amazonaws.com',
        'signin.amazonaws.com', 'ssm.amazonaws.com', 'ec2-instance-connect.amazonaws.com', 'identitystore.amazonaws.com',
        'sso-directory.amazonaws.com', 'sso.amazonaws.com', 'rolesanywhere.amazonaws.com', 'autoscaling.amazonaws.com'
    ) AND EXISTS (
        SELECT 1 FROM made AS known
        WHERE known.identity_kind = n.identity_kind AND known.identity_name = n.identity_name
    )
    UNION ALL
    SELECT *, identity_kind, old_name, NULL FROM made WHERE effect = 'renames'
),
-- Actions of root, and of AWS services as root that root requested or that no service takes on its own.
roots AS MATERIALIZED (
    SELECT evidence_id, record_index, account_id, 'certain' AS certainty FROM root_activity
    UNION ALL
    SELECT evidence_id, record_index, account_id, 'possible' FROM service_activity WHERE hand <> 'unknown'
),
descent AS (
    SELECT
        m.identity_kind, m.identity_name, m.mark, m.since_time, m.until_time, m.account_id, m.region, m.made_by, m.eventID,
        m.evidence_id, m.record_index, m.effect, m.is_given_on, r.account_id AS root_account_id, 1 AS generation,
        CASE WHEN m.effect = 'opens' OR m.is_doubtful THEN 'possible' ELSE r.certainty END AS certainty
    FROM made AS m INNER JOIN roots AS r ON m.evidence_id = r.evidence_id AND m.record_index = r.record_index
    WHERE m.effect <> 'renames'
    UNION
    SELECT
        m.identity_kind, m.identity_name, CASE WHEN m.effect = 'renames' THEN d.mark ELSE m.mark END, m.since_time,
        m.until_time, m.account_id, m.region, m.made_by, m.eventID, m.evidence_id, m.record_index, m.effect, m.is_given_on, d.root_account_id,
        CASE WHEN m.effect = 'renames' THEN d.generation ELSE d.generation + 1 END,
        CASE WHEN d.certainty = 'possible' OR m.effect = 'opens' OR m.is_doubtful OR (m.by_service AND m.effect <> 'renames')
            OR coalesce(d.is_given_on AND m.since_time = d.until_time AND (m.by_mark = d.mark) IS NOT TRUE, false)
            THEN 'possible' ELSE 'certain' END
    FROM links AS m INNER JOIN descent AS d ON m.by_kind = d.identity_kind AND m.by_name = d.identity_name
    WHERE coalesce(m.by_mark = d.mark, true)
        AND coalesce(m.since_time >= d.since_time, true)
        -- A session outlives its user or role; the unique ID shows whose it is.
        AND (coalesce(m.since_time <= d.until_time, true) OR (m.by_kind IN ('user', 'role') AND m.by_mark = d.mark))
        AND d.generation < 64
)
SELECT
    identity_kind, identity_name, mark, since_time, until_time, certainty, generation, root_account_id, account_id, region,
    made_by, eventID, evidence_id, record_index, is_given_on
FROM descent
-- If a creation descends from a root in several ways, the most certain and then the shortest counts. For an identity
-- that was changed repeatedly, the first change sets the start.
QUALIFY row_number() OVER (
    PARTITION BY root_account_id, identity_kind, identity_name, evidence_id, record_index ORDER BY certainty, generation, mark
) = 1 AND (effect <> 'opens' OR identity_kind NOT IN ('user', 'role') OR row_number() OVER (
    PARTITION BY root_account_id, identity_kind, identity_name, until_time, effect
    ORDER BY since_time NULLS FIRST, evidence_id, record_index, certainty, generation, mark
) = 1)
