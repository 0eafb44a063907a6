/*
question = "Which calls of root and its descendants may have changed something or name another account, and with which requests?"
misses   = "Calls that only opened a session for the holder of a password or a role. Requests that CloudTrail does not record or truncates."
uses     = ["root_activity", "service_activity", "descendant_acts", "api_calls"]
columns  = "account_id eventTime awsRegion eventSource eventName may_change asked eventID evidence_id record_index"
never_null = "may_change evidence_id record_index"
[params]
account_id = { type = "VARCHAR", default = "", help = "only root of this account (12 digits), and what descends from it; empty for all" }
[notes]
account_id = "VARCHAR; where it was recorded"
may_change = "BOOLEAN; false for reads and sign-ins"
asked      = "JSON; requestParameters"
*/
WITH reached AS (
    SELECT evidence_id, record_index FROM root_activity WHERE $account_id = '' OR account_id = $account_id
    UNION
    SELECT evidence_id, record_index FROM service_activity WHERE hand <> 'unknown' AND ($account_id = '' OR account_id = $account_id)
    UNION
    SELECT evidence_id, record_index FROM descendant_acts WHERE $account_id = '' OR root_account_id = $account_id
),
told AS (
    SELECT
        e.account_id, e.eventTime, e.awsRegion, e.eventSource, e.eventName,
        e.is_write IS DISTINCT FROM false AND NOT coalesce(e.eventSource = 'signin.amazonaws.com' AND e.eventName IN (
            'ConsoleLogin', 'CheckMfa', 'PasswordRecoveryRequested', 'AuthorizeOAuth2Access', 'CreateOAuth2Token', 'SwitchRole',
            'GetSigninToken'
        ), false) AS may_change,
        e.requestParameters AS asked,
        e.eventID, e.evidence_id, e.record_index
    FROM api_calls AS e INNER JOIN reached AS r ON e.evidence_id = r.evidence_id AND e.record_index = r.record_index
    WHERE e.outcome IS DISTINCT FROM 'failure'
)
SELECT * FROM told
WHERE may_change OR regexp_matches(CAST(asked AS VARCHAR), '(^|[^0-9])[0-9]{12}([^0-9]|$)')
ORDER BY eventTime NULLS LAST, eventID, evidence_id, record_index
