/*
title    = "Root's sign-ins"
question = "When did root sign in or try to, from where, with MFA, and after how many failures? When was its password recovered or changed, or its e-mail address changed?"
attack   = ["T1078.004", "T1110"]
source   = "AWS CloudTrail User Guide, console sign-in events; AWS Billing User Guide, SetAccountPreferences; AWS Sign-In User Guide, aws login; AWS Account Management Reference, StartPrimaryEmailUpdate and AcceptPrimaryEmailUpdate"
misses   = "Sign-ins recorded in a Region whose logs are not in the case (root signs in at us-east-1, us-east-2 or us-west-2). Sign-outs, which AWS does not record. Whether the password of a failed sign-in was correct."
first    = "eventTime signin_kind outcome mfa_used sourceIPAddress eventID account_id"
columns  = """
eventTime account_id awsRegion eventName signin_kind outcome mfa_used mfa_kind mfa_identifier sourceIPAddress
ip_seen_before ip_failed_before userAgent agent_seen_before failures_before failures_elsewhere recoveries_before
recovery_requests_before login_to login_flow errorMessage actor eventID evidence_id record_index"""
never_null = """
signin_kind ip_seen_before ip_failed_before agent_seen_before failures_before failures_elsewhere recoveries_before
recovery_requests_before evidence_id record_index"""
[params]
account_id = { type = "VARCHAR", default = "", help = "only this account (12 digits); empty for all" }
[notes]
eventName          = "VARCHAR; ConsoleLogin, PasswordRecoveryRequested, CreateOAuth2Token, ChangePassword, …"
signin_kind        = "VARCHAR; sign_in, federated_sign_in (a session of GetFederationToken opens the console without password or MFA), cli_sign_in, mfa_check, recovery_requested, recovery_completed, password_changed, password_removed, email_change_started, email_changed, name_email_or_password_changed, other, unknown (AWS documents no such event, so it may have changed the password, MFA or address)"
mfa_used           = "BOOLEAN; NULL if not recorded"
mfa_kind           = "VARCHAR; from the device's ARN or MfaType"
mfa_identifier     = "VARCHAR; ARN of the device"
ip_seen_before     = "BOOLEAN; whether root of this account successfully signed in or acted from this address earlier in this case; recoveries do not count"
ip_failed_before   = "BOOLEAN; whether a sign-in as root of this account failed from this address earlier in this case"
agent_seen_before  = "BOOLEAN; the same for the user agent"
failures_before    = "BIGINT; failed sign-ins from this address in the hour before, after its last successful one"
failures_elsewhere = "BIGINT; failed sign-ins of this account from other addresses in the hour before"
recoveries_before  = "BIGINT; password recoveries completed in the hour before"
recovery_requests_before = "BIGINT; password recoveries requested in the hour before; anyone can request one"
login_to           = "VARCHAR; the page signed in to"
login_flow         = "VARCHAR; token of the browser's sign-in: the same in a failure and the success that follows it"
errorMessage       = "VARCHAR; why it failed, in AWS's words"
actor              = "VARCHAR; ARN of the actor: root's, or that of an identity of the management account that changed a member's address"
*/
WITH acted AS (
    SELECT
        account_id, sourceIPAddress, userAgent, eventTime,
        -- Anyone can request a recovery; only someone who reads root's mail can complete it.
        coalesce(outcome = 'success', false) AND (eventSource IS DISTINCT FROM 'signin.amazonaws.com'
            OR eventName IN ('ConsoleLogin', 'AuthorizeOAuth2Access', 'CreateOAuth2Token')) AS succeeded,
        coalesce(eventName = 'ConsoleLogin' AND outcome = 'failure', false) AS failed
    FROM root_activity
),
addresses AS (
    SELECT
        account_id, sourceIPAddress, min(CASE WHEN succeeded THEN eventTime END) AS first_time,
        min(CASE WHEN failed THEN eventTime END) AS first_failure
    FROM acted GROUP BY account_id, sourceIPAddress
),
agents AS (
    SELECT account_id, userAgent, min(CASE WHEN succeeded THEN eventTime END) AS first_time FROM acted GROUP BY account_id, userAgent
),
rounds AS (
    SELECT
        *,
        signin_kind = 'sign_in' AND coalesce(outcome = 'failure', false) AS is_failure,
        signin_kind = 'recovery_completed' AND coalesce(outcome = 'success', false) AS is_recovery,
        signin_kind = 'recovery_requested' AND coalesce(outcome = 'success', false) AS is_request,
        count(CASE WHEN signin_kind = 'sign_in' AND outcome = 'success' THEN 1 END) OVER (
            PARTITION BY account_id, sourceIPAddress ORDER BY eventTime NULLS LAST, eventID, evidence_id, record_index
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS round
    FROM root_signins
),
counted AS (
    SELECT
        *,
        count(CASE WHEN is_failure THEN 1 END) OVER (
            PARTITION BY account_id, sourceIPAddress, round ORDER BY eventTime RANGE BETWEEN INTERVAL '1' HOUR PRECEDING AND CURRENT ROW
        ) - CASE WHEN is_failure THEN 1 ELSE 0 END AS failures_before,
        count(CASE WHEN is_failure THEN 1 END) OVER (
            PARTITION BY account_id ORDER BY eventTime RANGE BETWEEN INTERVAL '1' HOUR PRECEDING AND CURRENT ROW
        ) - count(CASE WHEN is_failure THEN 1 END) OVER (
            PARTITION BY account_id, sourceIPAddress ORDER BY eventTime RANGE BETWEEN INTERVAL '1' HOUR PRECEDING AND CURRENT ROW
        ) AS failures_elsewhere,
        count(CASE WHEN is_recovery THEN 1 END) OVER (
            PARTITION BY account_id ORDER BY eventTime RANGE BETWEEN INTERVAL '1' HOUR PRECEDING AND CURRENT ROW
        ) - CASE WHEN is_recovery THEN 1 ELSE 0 END AS recoveries_before,
        count(CASE WHEN is_request THEN 1 END) OVER (
            PARTITION BY account_id ORDER BY eventTime RANGE BETWEEN INTERVAL '1' HOUR PRECEDING AND CURRENT ROW
        ) - CASE WHEN is_request THEN 1 ELSE 0 END AS recovery_requests_before
    FROM rounds
)
SELECT
    c.eventTime, c.account_id, c.awsRegion, c.eventName, c.signin_kind, c.outcome, c.mfa_used, c.mfa_kind, c.mfa_identifier,
    c.sourceIPAddress, coalesce(i.first_time < c.eventTime, false) AS ip_seen_before,
    coalesce(i.first_failure < c.eventTime, false) AS ip_failed_before,
    c.userAgent, coalesce(a.first_time < c.eventTime, false) AS agent_seen_before,
    c.failures_before, c.failures_elsewhere, c.recoveries_before, c.recovery_requests_before,
    c.login_to, c.login_flow, coalesce(c.errorMessage, c.errorCode) AS errorMessage, c.actor, c.eventID, c.evidence_id, c.record_index
FROM counted AS c
LEFT JOIN addresses AS i ON c.account_id = i.account_id AND c.sourceIPAddress = i.sourceIPAddress
LEFT JOIN agents AS a ON c.account_id = a.account_id AND c.userAgent = a.userAgent
WHERE $account_id = '' OR c.account_id = $account_id
ORDER BY c.eventTime NULLS LAST, c.eventID, c.evidence_id, c.record_index
