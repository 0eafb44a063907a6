/*
title    = "Delegations that another account may have acted under"
question = "Under which accepted delegation requests may each call that a product provider made with temporary delegated access have been made?"
attack   = ["T1199"]
source   = "AWS IAM User Guide, IAM temporary delegation (duration, CloudTrail: userIdentity.invokedByDelegate); AWS IAM API Reference, AcceptDelegationRequest and SendDelegationToken"
misses   = "Delegations that were never used: only the calls show which account received access. Proof of the delegation: AWS documents one such record, for a role's session, and neither the identity in other records nor a field with the delegation. It is therefore assumed: its token was sent in the same account, no longer before than the access can last (12 hours, or 4 if root accepted), and no token of another identity matches as well."
uses     = ["api_calls"]
*/
-- Part of acting_names, in a view of its own because it compares two calls.
WITH granted AS (
    SELECT
        account_id,
        coalesce(nullif(requestParameters->>'$.delegationRequestId', ''), 'not recorded') AS request,
        min(coalesce(eventTime, TIMESTAMP WITH TIME ZONE '0001-01-01 00:00:00+00:00')) AS since_time,
        min(CASE WHEN eventName = 'SendDelegationToken' THEN eventTime END) AS sent_time,
        CASE WHEN count(userIdentity.arn) = count(*) THEN concat(min(userIdentity.arn), ' ', max(userIdentity.arn))
            ELSE max(requestParameters->>'$.delegationRequestId') END AS actors,
        -- The access is that of the identity that accepted.
        bool_or(eventName = 'AcceptDelegationRequest' AND coalesce(identity_type = 'Root', false)) AS is_of_root
    FROM api_calls
    WHERE eventSource = 'iam.amazonaws.com' AND eventName IN ('AcceptDelegationRequest', 'SendDelegationToken')
        AND outcome IS DISTINCT FROM 'failure'
    GROUP BY 1, 2
),
acts AS (
    -- The field alone shows that a delegate acted, whatever its content.
    SELECT
        evidence_id, record_index, eventTime, eventSource, invoker, account_id,
        coalesce(userIdentity.invokedByDelegate.accountId, '') <> '' AS is_named
    FROM api_calls
    WHERE userIdentity.invokedByDelegate IS NOT NULL OR (otherFields->>'$.userIdentity.invokedByDelegate') IS NOT NULL
),
pairs AS (
    SELECT
        a.*, g.request, g.actors,
        coalesce(a.eventTime >= g.sent_time AND a.eventTime <= CASE
            WHEN g.is_of_root THEN g.sent_time + INTERVAL 4 HOUR ELSE g.sent_time + INTERVAL 12 HOUR END, false) AS fits
    FROM acts AS a INNER JOIN granted AS g ON a.account_id = g.account_id AND coalesce(a.eventTime >= g.since_time, true)
),
compared AS (
    SELECT
        *, bool_or(fits) OVER of_act AS any_fits,
        min(CASE WHEN fits THEN actors END) OVER of_act = max(CASE WHEN fits THEN actors END) OVER of_act AS is_of_one
    FROM pairs
    WINDOW of_act AS (PARTITION BY evidence_id, record_index)
)
SELECT
    evidence_id, record_index, eventTime, eventSource,
    fits AND is_named AND coalesce(is_of_one, false) AND invoker IS DISTINCT FROM 'service' AS is_certain,
    'delegation' AS identity_kind, concat(account_id, '/', request) AS identity_name, CAST(NULL AS VARCHAR) AS mark
FROM compared
WHERE fits OR NOT any_fits
