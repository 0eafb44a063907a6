/*
title    = "Privileged root sessions and who opened them"
question = "Who opened or tried to open a root session in a member account with AssumeRoot, under which task policy, and what was done in it?"
attack   = ["T1548.005"]
source   = "AWS IAM User Guide, track privileged tasks in CloudTrail; AWS STS API Reference, AssumeRoot"
misses   = "Actions in a member account whose logs are not in the case (call_count is then 0). Denied AssumeRoot calls, if only the member's logs are in the case. Openers of sessions known only by their mark (assumedRoot): the logs of another account contain them."
first    = "eventTime member_account opener result task_policy write_count eventID"
columns  = """
eventTime result member_account caller_account opener task_policy sourceIPAddress errorCode session_id call_count
write_count unknown_count denied_count eventID evidence_id record_index"""
never_null = "result call_count write_count unknown_count denied_count evidence_id record_index"
[params]
account_id = { type = "VARCHAR", default = "", help = "only into or from this account (12 digits); empty for all" }
[notes]
eventTime       = "TIMESTAMP WITH TIME ZONE; UTC; of the call, or of the session's first event if the call is not in the case"
result            = "VARCHAR; succeeded, attempted, or unknown: the call that opened it is not in the case"
member_account  = "VARCHAR; the account that the session is in"
caller_account  = "VARCHAR; the caller's account; NULL if the call is not in the case"
opener          = "VARCHAR; ARN of the caller"
task_policy     = "VARCHAR; ARN of the task policy: what the session may do"
sourceIPAddress = "VARCHAR; of the call"
errorCode       = "VARCHAR; why it was denied; NULL on success"
session_id      = "VARCHAR; of root_sessions; NULL: no call of it is in the case"
call_count      = "BIGINT; its events in the case"
write_count     = "BIGINT; of these, writes that succeeded"
unknown_count    = "BIGINT; of these, events whose effect (read or write) or outcome is not recorded"
denied_count    = "BIGINT; of these, denied calls"
eventID         = "VARCHAR; of the call, or the session's first event; cite this"
evidence_id     = "INTEGER; the file that contains that event's record"
*/
WITH openings AS (
    SELECT
        eventTime, CASE outcome WHEN 'success' THEN 'succeeded' WHEN 'failure' THEN 'attempted' ELSE 'unknown' END AS result,
        coalesce(
            nullif(regexp_extract(requestParameters->>'$.targetPrincipal', '[0-9]{12}', 0), ''),
            requestParameters->>'$.targetPrincipal'
        ) AS member_account,
        identity_account_id AS caller_account, userIdentity.arn AS opener,
        requestParameters->>'$.taskPolicyArn.arn' AS task_policy, sourceIPAddress, nullif(errorCode, '') AS errorCode,
        responseElements->>'$.credentials.accessKeyId' AS issued_key, eventID, evidence_id, record_index
    FROM api_calls
    WHERE eventSource = 'sts.amazonaws.com' AND eventName = 'AssumeRoot'
),
used AS (
    SELECT
        account_id, session_id, opener_eventID, opener, task_policy, event_count, write_count, unknown_count, denied_count, first_time,
        first_eventID, first_citation, access_keys
    FROM root_sessions
    WHERE session_kind = 'assume_root'
)
SELECT
    coalesce(o.eventTime, u.first_time) AS eventTime,
    coalesce(o.result, 'unknown') AS result,
    coalesce(o.member_account, u.account_id) AS member_account,
    o.caller_account, o.opener, o.task_policy, o.sourceIPAddress, o.errorCode, u.session_id,
    coalesce(u.event_count, 0) AS call_count,
    coalesce(u.write_count, 0) AS write_count,
    coalesce(u.unknown_count, 0) AS unknown_count,
    coalesce(u.denied_count, 0) AS denied_count,
    CASE WHEN o.record_index IS NULL THEN u.first_eventID ELSE o.eventID END AS eventID,
    coalesce(o.evidence_id, CAST(split_part(u.first_citation, ':', 1) AS INTEGER)) AS evidence_id,
    coalesce(o.record_index, CAST(split_part(u.first_citation, ':', 2) AS INTEGER)) AS record_index
FROM openings AS o
FULL OUTER JOIN used AS u ON o.issued_key <> '' AND list_contains(u.access_keys, o.issued_key)
WHERE $account_id = '' OR o.member_account = $account_id OR o.caller_account = $account_id OR u.account_id = $account_id
ORDER BY eventTime NULLS LAST, eventID, evidence_id, record_index
