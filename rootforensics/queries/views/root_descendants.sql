/*
title    = "Identities that descend from root"
question = "Which keys, users, roles, sessions and instances did root make, and did these make in turn?"
attack   = ["T1136.003", "T1098.001"]
source   = "AWS CloudTrail User Guide, userIdentity element; AWS IAM User Guide, logging IAM and AWS STS calls with CloudTrail"
misses   = "Identities that existed before and were only opened to others, by a new password or a changed trust policy (blast-radius calls them possible); roles that AWS made for its services; what AWS services made in the name of a descendant; makings that no log in the case holds. Of a name that was made twice the first counts."
uses     = ["root_activity"]
*/
WITH RECURSIVE calls AS (
    SELECT
        evidence_id, record_index, eventID, eventTime, eventName,
        coalesce(recipientAccountId, userIdentity.accountId) AS account_id,
        userIdentity.accessKeyId AS by_access_key,
        CASE WHEN userIdentity.type = 'IAMUser' THEN concat(userIdentity.accountId, '/', userIdentity.userName) END AS by_user,
        CASE
            WHEN userIdentity.type = 'AssumedRole' THEN concat(
                userIdentity.sessionContext.sessionIssuer.accountId, '/', userIdentity.sessionContext.sessionIssuer.userName
            )
        END AS by_role,
        CASE
            WHEN userIdentity.type = 'AssumedRole' AND userIdentity.arn LIKE '%/i-%'
                THEN nullif(regexp_extract(userIdentity.arn, '/(i-[0-9a-f]+)$', 1), '')
        END AS by_instance,
        coalesce(userIdentity.invokedBy, '') AS invoked_by,
        requestParameters, responseElements
    FROM api_calls
    WHERE coalesce(errorCode, '') = '' AND (
        (eventSource = 'iam.amazonaws.com' AND eventName IN ('CreateUser', 'CreateAccessKey', 'CreateRole'))
        OR (eventSource = 'sts.amazonaws.com' AND eventName IN ('GetSessionToken', 'GetFederationToken', 'AssumeRole'))
        OR (eventSource = 'ec2.amazonaws.com' AND eventName = 'RunInstances')
    )
),
makings AS (
    SELECT
        *,
        CASE eventName
            WHEN 'CreateUser' THEN 'user'
            WHEN 'CreateRole' THEN 'role'
            WHEN 'RunInstances' THEN 'instance'
            ELSE 'access_key'
        END AS identity_kind,
        CASE eventName
            WHEN 'CreateUser' THEN concat(account_id, '/', coalesce(
                responseElements->>'$.user.userName', requestParameters->>'$.userName'
            ))
            WHEN 'CreateRole' THEN concat(account_id, '/', coalesce(
                responseElements->>'$.role.roleName', requestParameters->>'$.roleName'
            ))
            WHEN 'CreateAccessKey' THEN responseElements->>'$.accessKey.accessKeyId'
            ELSE responseElements->>'$.credentials.accessKeyId'
        END AS identity_name,
        -- A call that starts several instances names them in a list.
        CASE WHEN eventName = 'RunInstances'
            THEN regexp_extract_all(CAST(responseElements AS VARCHAR), '"instanceId" *: *"(i-[0-9a-f]+)"', 1) END AS instances
    FROM calls
),
made AS (
    SELECT
        evidence_id, record_index, eventID, eventTime, account_id, by_access_key, by_user, by_role, by_instance, invoked_by,
        identity_kind, identity_name
    FROM makings
    WHERE identity_kind <> 'instance' AND identity_name <> '' AND identity_name NOT LIKE '%/'
    UNION ALL
    SELECT
        evidence_id, record_index, eventID, eventTime, account_id, by_access_key, by_user, by_role, by_instance, invoked_by,
        identity_kind, instance AS identity_name
    FROM makings CROSS JOIN unnest(instances) AS started(instance)
    WHERE identity_kind = 'instance'
),
descent AS (
    SELECT m.identity_kind, m.identity_name, m.eventTime AS since_time, m.eventID, m.evidence_id, m.record_index
    FROM made AS m INNER JOIN root_activity AS r ON m.evidence_id = r.evidence_id AND m.record_index = r.record_index
    UNION
    SELECT m.identity_kind, m.identity_name, m.eventTime AS since_time, m.eventID, m.evidence_id, m.record_index
    FROM made AS m INNER JOIN descent AS d
        ON m.invoked_by = '' AND coalesce(m.eventTime >= d.since_time, true)
        AND CASE d.identity_kind
            WHEN 'access_key' THEN m.by_access_key
            WHEN 'user' THEN m.by_user
            WHEN 'role' THEN m.by_role
            ELSE m.by_instance
        END = d.identity_name
)
SELECT identity_kind, identity_name, since_time, eventID, evidence_id, record_index
FROM descent
QUALIFY row_number() OVER (
    PARTITION BY identity_kind, identity_name ORDER BY since_time NULLS FIRST, eventID, evidence_id, record_index
) = 1
