/*
title    = "Root's sign-ins and related events"
question = "When did root sign in or try to, from where, and with MFA? When was its password recovered or changed?"
attack   = ["T1078.004", "T1110"]
source   = "AWS CloudTrail User Guide, console sign-in events; AWS Billing User Guide, SetAccountPreferences; AWS Sign-In User Guide, aws login; AWS Account Management Reference, StartPrimaryEmailUpdate and AcceptPrimaryEmailUpdate"
misses   = "Sign-ins recorded in a Region whose logs are not in the case (root signs in at us-east-1, us-east-2 or us-west-2). Sign-outs, which AWS does not record. A member's e-mail address that its management account changed, if that account's logs are not in the case."
uses     = ["api_calls", "root_events"]
*/
WITH emails AS (
    -- The management account may change the address of a member's root; no one in the member account acts then.
    SELECT
        e.eventTime, coalesce(nullif(e.requestParameters->>'$.accountId', ''), e.identity_account_id) AS account_id,
        e.awsRegion, e.eventSource, e.eventName, e.outcome,
        e.requestParameters, e.additionalEventData, e.sourceIPAddress, e.userAgent, e.errorCode, e.errorMessage, e.userIdentity.arn AS actor,
        r.origin, r.origin_group, e.eventID, e.evidence_id, e.record_index
    FROM api_calls AS e
    -- Keep this alias: in a case file with the same name as an alias here, e.userIdentity.arn would be ambiguous.
    LEFT JOIN (SELECT evidence_id, record_index, origin, origin_group FROM root_events) AS r ON e.evidence_id = r.evidence_id AND e.record_index = r.record_index
    WHERE e.eventSource = 'account.amazonaws.com' AND e.eventName IN ('StartPrimaryEmailUpdate', 'AcceptPrimaryEmailUpdate')
),
steps AS (
    SELECT
        eventTime, account_id, awsRegion, eventSource, eventName, outcome, requestParameters, additionalEventData, sourceIPAddress,
        userAgent, errorCode, errorMessage, userIdentity.arn AS actor, origin, origin_group, eventID, evidence_id, record_index
    FROM root_events
    WHERE origin_group = 'activity' AND (
        eventSource = 'signin.amazonaws.com'
        OR (eventSource = 'iam.amazonaws.com' AND eventName IN ('ChangePassword', 'UpdateAccountEmailAddress'))
        -- Without a user name the console password is root's own, if the record has the request.
        OR (eventSource = 'iam.amazonaws.com' AND eventName IN ('CreateLoginProfile', 'DeleteLoginProfile')
            AND coalesce(requestParameters->>'$.userName', '') IN ('', 'AWS ROOT USER')
            AND ((requestParameters->>'$.userName') <> '' OR evidence_id NOT IN (
                SELECT evidence_id FROM evidence WHERE list_contains(lacking, 'requestParameters') OR container LIKE '%event history CSV%'
            )))
        OR (eventSource = 'billingconsole.amazonaws.com' AND eventName = 'SetAccountPreferences')
        -- No AWS model lists all fields that these calls record.
        OR (eventSource IN ('account.amazonaws.com', 'billingconsole.amazonaws.com') AND is_write IS DISTINCT FROM false
            AND concat(eventSource, ' ', eventName) NOT IN (SELECT concat(call_source, ' ', call_name) FROM actions))
    )
    UNION ALL
    SELECT * FROM emails
)
SELECT
    eventTime,
    account_id,
    awsRegion,
    eventSource,
    eventName,
    CASE
        WHEN eventName = 'ConsoleLogin' AND origin = 'federated_session' THEN 'federated_sign_in'
        WHEN eventName = 'ConsoleLogin' THEN 'sign_in'
        WHEN eventName IN ('AuthorizeOAuth2Access', 'CreateOAuth2Token') THEN 'cli_sign_in'
        WHEN eventName = 'CheckMfa' THEN 'mfa_check'
        WHEN eventName = 'PasswordRecoveryRequested' THEN 'recovery_requested'
        WHEN eventName = 'PasswordRecoveryCompleted' THEN 'recovery_completed'
        WHEN eventName IN ('PasswordUpdated', 'ChangePassword', 'CreateLoginProfile') THEN 'password_changed'
        WHEN eventName = 'DeleteLoginProfile' THEN 'password_removed'
        WHEN eventName = 'StartPrimaryEmailUpdate' THEN 'email_change_started'
        WHEN eventName IN ('EmailUpdated', 'UpdateAccountEmailAddress', 'AcceptPrimaryEmailUpdate') THEN 'email_changed'
        WHEN eventName = 'SetAccountPreferences' THEN 'name_email_or_password_changed'
        WHEN eventName IN (
            'CreateBearerToken', 'CredentialChallenge', 'CredentialVerification', 'ExchangeOAuth2Token', 'ExitRole', 'IntrospectOAuth2TokenWithIAM',
            'Logout', 'RenewRole', 'RevokeOAuth2TokenWithIAM', 'UserAuthentication'
        ) OR regexp_matches(eventName, '^(Get|List)') 
            OR concat(eventSource, ' ', eventName) IN (SELECT concat(call_source, ' ', call_name) FROM actions) THEN 'other'
        ELSE 'unknown'
    END AS signin_kind,
    outcome,
    CASE lower(additionalEventData->>'$.MFAUsed') WHEN 'yes' THEN true WHEN 'no' THEN false END AS mfa_used,
    additionalEventData->>'$.MFAIdentifier' AS mfa_identifier,
    CASE
        WHEN (additionalEventData->>'$.MfaType') <> '' THEN additionalEventData->>'$.MfaType'
        WHEN (additionalEventData->>'$.MFAIdentifier') LIKE '%:u2f/%' THEN 'security key or passkey'
        WHEN (additionalEventData->>'$.MFAIdentifier') LIKE '%:mfa/%' THEN 'virtual device'
        WHEN (additionalEventData->>'$.MFAIdentifier') <> '' THEN 'hardware token'
    END AS mfa_kind,
    sourceIPAddress,
    userAgent,
    additionalEventData->>'$.LoginTo' AS login_to,
    nullif(regexp_extract(additionalEventData->>'$.LoginTo', 'hashArgsFromTB_[0-9A-Za-z-]+_[0-9a-f]+', 0), '') AS login_flow,
    errorCode,
    errorMessage,
    actor,
    origin,
    origin_group,
    eventID,
    evidence_id,
    record_index
FROM steps
