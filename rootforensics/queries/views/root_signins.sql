/*
title    = "Root's sign-ins and what belongs to them"
question = "When did root sign in or try to, from where, with MFA? When was its password recovered or changed?"
attack   = ["T1078.004", "T1110"]
source   = "AWS CloudTrail User Guide, console sign-in events; AWS Billing User Guide, SetAccountPreferences; AWS Sign-In User Guide, aws login"
misses   = "Sign-ins recorded in a Region whose logs are not in the case (root signs in at us-east-1, us-east-2 or us-west-2); sign-outs, which AWS does not record."
uses     = ["root_events"]
*/
SELECT
    eventTime,
    account_id,
    awsRegion,
    eventSource,
    eventName,
    CASE
        WHEN eventName = 'ConsoleLogin' THEN 'sign_in'
        WHEN eventName IN ('AuthorizeOAuth2Access', 'CreateOAuth2Token') THEN 'cli_sign_in'
        WHEN eventName = 'CheckMfa' THEN 'mfa_check'
        WHEN eventName = 'PasswordRecoveryRequested' THEN 'recovery_requested'
        WHEN eventName = 'PasswordRecoveryCompleted' THEN 'recovery_completed'
        WHEN eventName IN ('PasswordUpdated', 'ChangePassword', 'CreateLoginProfile') THEN 'password_changed'
        WHEN eventName IN ('EmailUpdated', 'UpdateAccountEmailAddress') THEN 'email_changed'
        WHEN eventName = 'SetAccountPreferences' THEN 'name_email_or_password_changed'
        ELSE 'other'
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
    origin,
    side,
    eventID,
    evidence_id,
    record_index
FROM root_events
WHERE side = 'activity' AND (
    eventSource = 'signin.amazonaws.com'
    OR (eventSource = 'iam.amazonaws.com' AND eventName IN ('ChangePassword', 'UpdateAccountEmailAddress'))
    -- Without a user name the console password is root's own.
    OR (eventSource = 'iam.amazonaws.com' AND eventName = 'CreateLoginProfile'
        AND coalesce(requestParameters->>'$.userName', '') = '')
    OR (eventSource = 'billingconsole.amazonaws.com' AND eventName = 'SetAccountPreferences')
)
