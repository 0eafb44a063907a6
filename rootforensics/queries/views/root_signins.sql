/*
title    = "Root's sign-ins and what belongs to them"
question = "When did root sign in or try to, from where, with MFA? When was its password recovered or changed?"
attack   = ["T1078.004", "T1110"]
source   = "AWS CloudTrail User Guide, console sign-in events"
misses   = "Sign-ins recorded in a Region whose logs are not in the case (root signs in at us-east-1, us-east-2 or us-west-2); sign-outs, which AWS does not record."
uses     = ["root_events"]
*/
SELECT
    eventTime,
    account_id,
    awsRegion,
    eventName,
    outcome,
    CASE lower(additionalEventData->>'$.MFAUsed') WHEN 'yes' THEN true WHEN 'no' THEN false END AS mfa_used,
    additionalEventData->>'$.MFAIdentifier' AS mfa_identifier,
    sourceIPAddress,
    userAgent,
    additionalEventData->>'$.LoginTo' AS login_to,
    errorMessage,
    origin,
    side,
    eventID,
    evidence_id,
    record_index
FROM root_events
WHERE eventSource = 'signin.amazonaws.com' AND side = 'activity'
