/*
title    = "Accounts of an organization"
question = "Which accounts are the management account or members of an organization, and what shows it?"
attack   = ["T1580"]
source   = "AWS Organizations API Reference (operations that only the management account can call; ARNs name the management account); AWS Organizations User Guide, service control policies (they bind members only); AWS IAM User Guide, privileged tasks (AssumeRoot opens members only); AWS Account Management API Reference (a request names only another member account); answers that posture saved; AWS CloudTrail User Guide, paths of organization trails"
misses   = "Accounts for which no log in the case shows it. Whether an account has joined or left since. An account that appears only in the path of an organization's trail belongs to the organization, but its role is unknown. It is a member if the case shows another account as the only management account."
uses     = ["api_calls", "root_events"]
*/
WITH calls AS (
    SELECT
        account_id, eventSource, eventName, eventType, eventTime, eventID,
        concat(CAST(evidence_id AS VARCHAR), ':', CAST(record_index AS VARCHAR)) AS citation,
        coalesce(nullif(errorCode, ''), errorMessage, '') AS error, requestParameters, responseElements, serviceEventDetails
    FROM (
        -- A view of its own, so that the engine reads requests and responses of these events only.
        SELECT * FROM api_calls WHERE eventSource = 'organizations.amazonaws.com'
        UNION ALL
        SELECT * FROM api_calls WHERE eventSource = 'sts.amazonaws.com' AND eventName = 'AssumeRoot'
        UNION ALL
        SELECT * FROM api_calls WHERE eventSource = 'account.amazonaws.com'
        UNION ALL
        SELECT * FROM api_calls
        WHERE eventSource = 'cloudtrail.amazonaws.com' AND concat(eventName, '') IN ('CreateTrail', 'UpdateTrail')
    ) AS telling
),
said AS (
    SELECT account_id, 'management' AS account_role, concat('called ', eventName, ', which only it can') AS because, eventTime, eventID, citation
    FROM calls
    WHERE eventSource = 'organizations.amazonaws.com' AND error = '' AND eventName IN (
        'CreateAccount', 'CreateOrganization', 'CreateOrganizationalUnit', 'DeleteOrganization', 'DeleteOrganizationalUnit',
        'DeleteResourcePolicy', 'DeregisterDelegatedAdministrator', 'EnableAWSServiceAccess', 'EnableAllFeatures',
        'InviteAccountToOrganization', 'InviteOrganizationToTransferResponsibility', 'MoveAccount', 'PutResourcePolicy',
        'RegisterDelegatedAdministrator', 'RemoveAccountFromOrganization', 'UpdateOrganizationalUnit'
    )
    UNION ALL
    SELECT account_id, 'management' AS account_role, 'was refused to leave, as the management account is' AS because, eventTime, eventID, citation
    FROM calls
    WHERE eventName = 'LeaveOrganization' AND error LIKE 'MasterCannotLeave%'
    UNION ALL
    SELECT account_id, 'management' AS account_role, concat('was told by AWS: ', eventName) AS because, eventTime, eventID, citation
    FROM calls
    WHERE eventSource = 'organizations.amazonaws.com' AND lower(eventType) = 'awsserviceevent'
        AND eventName IN ('CreateAccountResult', 'CloseAccountResult')
    UNION ALL
    -- AWS's response names the management account, whoever asked.
    SELECT
        coalesce(
            responseElements->>'$.organization.masterAccountId',
            nullif(regexp_extract(CAST(responseElements AS VARCHAR), 'arn:aws[a-z-]*:organizations::([0-9]{12}):', 1), '')
        ) AS account_id,
        'management' AS account_role, concat('was named in the answer to ', eventName) AS because, eventTime, eventID, citation
    FROM calls
    WHERE eventSource = 'organizations.amazonaws.com' AND error = ''
    UNION ALL
    SELECT
        nullif(regexp_extract(responseElements->>'$.trailARN', ':cloudtrail:[^:]*:([0-9]{12}):', 1), '') AS account_id,
        'management' AS account_role, 'owns a trail of the organization' AS because, eventTime, eventID, citation
    FROM calls
    WHERE eventSource = 'cloudtrail.amazonaws.com' AND error = ''
        AND lower(responseElements->>'$.isOrganizationTrail') = 'true'
    UNION ALL
    -- Such policies apply only to principals of members.
    SELECT
        userIdentity.accountId AS account_id, 'member' AS account_role, 'was refused by a service control policy' AS because, eventTime,
        eventID, concat(CAST(evidence_id AS VARCHAR), ':', CAST(record_index AS VARCHAR)) AS citation
    FROM api_calls
    WHERE regexp_matches(errorMessage, '(deny in a|no) service control policy')
    UNION ALL
    SELECT account_id, 'member' AS account_role, 'left the organization' AS because, eventTime, eventID, citation
    FROM calls
    WHERE eventSource = 'organizations.amazonaws.com' AND eventName = 'LeaveOrganization' AND error = ''
    UNION ALL
    SELECT
        coalesce(requestParameters->>'$.accountId', serviceEventDetails->>'$.createAccountStatus.accountId',
            serviceEventDetails->>'$.closeAccountStatus.accountId') AS account_id,
        'member' AS account_role, concat('was the object of ', eventName) AS because, eventTime, eventID, citation
    FROM calls
    WHERE eventSource = 'organizations.amazonaws.com' AND error = '' AND eventName IN (
        'RegisterDelegatedAdministrator', 'DeregisterDelegatedAdministrator', 'MoveAccount', 'CloseAccount',
        'RemoveAccountFromOrganization', 'CreateAccountResult', 'CloseAccountResult'
    )
    UNION ALL
    SELECT
        nullif(regexp_extract(requestParameters->>'$.targetPrincipal', '[0-9]{12}', 0), '') AS account_id, 'member' AS account_role,
        'was opened with AssumeRoot' AS because, eventTime, eventID, citation
    FROM calls
    WHERE eventName = 'AssumeRoot' AND error = ''
    UNION ALL
    -- A request names an account only if it is another one, which the caller's organization has as a member.
    SELECT
        requestParameters->>'$.accountId' AS account_id, 'member' AS account_role,
        concat('was the object of ', eventName) AS because, eventTime, eventID, citation
    FROM calls
    WHERE eventSource = 'account.amazonaws.com' AND error = '' AND (requestParameters->>'$.accountId') <> account_id
    UNION ALL
    SELECT
        account_id, 'member' AS account_role, 'was used in an AssumeRoot session' AS because, eventTime, eventID,
        concat(CAST(evidence_id AS VARCHAR), ':', CAST(record_index AS VARCHAR)) AS citation
    FROM root_events
    WHERE origin = 'privileged_session'
    UNION ALL
    SELECT
        body->>'$.Organization.MasterAccountId' AS account_id, 'management' AS account_role,
        'was named by AWS when posture asked' AS because, asked_time AS eventTime, NULL AS eventID, NULL AS citation
    FROM aws_answers
    WHERE call = 'organizations:DescribeOrganization' AND code = ''
    UNION ALL
    SELECT
        account_id, 'member' AS account_role, 'was a member when posture asked AWS' AS because, asked_time AS eventTime,
        NULL AS eventID, NULL AS citation
    FROM aws_answers
    WHERE call = 'organizations:DescribeOrganization' AND code = ''
        AND (body->>'$.Organization.MasterAccountId') <> account_id
    UNION ALL
    SELECT account_id, 'organization' AS account_role, 'opened a member with AssumeRoot' AS because, eventTime, eventID, citation
    FROM calls
    WHERE eventName = 'AssumeRoot' AND error = ''
    UNION ALL
    SELECT
        regexp_extract(uri, '(^|/)AWSLogs/o-[a-z0-9]{10,32}/([0-9]{12})/', 2) AS account_id, 'organization' AS account_role,
        concat('has its logs under ', regexp_extract(uri, 'AWSLogs/(o-[a-z0-9]{10,32})/', 1)) AS because,
        CAST(NULL AS TIMESTAMP WITH TIME ZONE) AS eventTime, CAST(NULL AS VARCHAR) AS eventID, CAST(NULL AS VARCHAR) AS citation
    FROM evidence
    WHERE regexp_matches(uri, '(^|/)AWSLogs/o-[a-z0-9]{10,32}/[0-9]{12}/')
),
managing AS (
    SELECT count(DISTINCT account_id) AS account_count, min(account_id) AS account_id
    FROM said
    WHERE account_role = 'management' AND account_id <> ''
),
shown AS (
    SELECT account_id, array_agg(eventID ORDER BY eventID, citation) AS eventIDs, array_agg(citation ORDER BY eventID, citation) AS citations
    FROM (SELECT DISTINCT account_id, eventID, citation FROM said WHERE citation <> '') AS each_one
    GROUP BY account_id
),
judged AS (
    SELECT
        s.account_id,
        max(CASE WHEN s.account_role = 'management' THEN 1 ELSE 0 END) AS is_management,
        max(CASE WHEN s.account_role = 'member' THEN 1 ELSE 0 END) AS is_member,
        min(m.account_count) AS managing_count, min(m.account_id) AS managing_id,
        array_agg(DISTINCT s.because ORDER BY s.because) AS because
    FROM said AS s CROSS JOIN managing AS m
    WHERE s.account_id <> ''
    GROUP BY s.account_id
)
SELECT
    account_id,
    CASE
        WHEN is_management = 1 AND is_member = 1 THEN 'contradictory'
        WHEN is_management = 1 THEN 'management'
        WHEN is_member = 1 OR (managing_count = 1 AND managing_id <> account_id) THEN 'member'
        ELSE 'organization'
    END AS account_role,
    because,
    eventIDs,
    citations
FROM judged LEFT JOIN shown USING (account_id)
