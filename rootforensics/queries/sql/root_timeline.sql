/*
title    = "Root's timeline"
question = "What happened with root, in order, and which record is the evidence for each line?"
attack   = ["T1078.004"]
source   = "The origins of root-events; AssumeRoot as AWS IAM User Guide, track privileged tasks in CloudTrail"
misses   = "Actions of identities that root created. The order of events within the same second, which CloudTrail does not record."
first    = "eventTime eventName outcome sourceIPAddress eventID account_id origin"
columns  = """
eventTime account_id awsRegion origin_group origin eventSource eventName outcome errorCode errorMessage readOnly is_write mfa
actor accessKeyId sourceIPAddress userAgent requestParameters eventID evidence_id record_index uri
integrity_verdict"""
never_null = "origin_group evidence_id record_index uri"
[params]
account_id = { type = "VARCHAR", default = "", help = "only this account (12 digits); empty for all" }
[notes]
account_id = "VARCHAR; the account whose root user (or, for an AssumeRoot call, whose caller) it is"
origin_group       = "VARCHAR; activity, noise, or opening (an AssumeRoot call)"
origin     = "VARCHAR; who acted; NULL for an AssumeRoot call"
errorCode  = "VARCHAR"
mfa        = "VARCHAR; MFAUsed for a sign-in, else the session's mfaAuthenticated"
uri        = "VARCHAR; location of that file"
integrity_verdict = "VARCHAR; result of verify for that file, or for a log with a verified duplicate, as in the table integrity; NULL if it was not run since the last load"
*/
WITH lines AS (
    SELECT eventTime, account_id, awsRegion, origin_group, origin, outcome, eventSource, eventName, errorCode, errorMessage, readOnly, is_write,
        additionalEventData, userIdentity, sourceIPAddress, userAgent, requestParameters, eventID,
        evidence_id, record_index
    FROM root_events
    UNION ALL
    SELECT eventTime, coalesce(identity_account_id, account_id), awsRegion, 'opening', NULL,
        outcome, eventSource, eventName, errorCode, errorMessage, readOnly, is_write, additionalEventData, userIdentity,
        sourceIPAddress, userAgent, requestParameters, eventID, evidence_id, record_index
    FROM api_calls
    WHERE eventSource = 'sts.amazonaws.com' AND eventName = 'AssumeRoot'
        AND root_basis IS NULL
)
SELECT
    l.eventTime, l.account_id, l.awsRegion, l.origin_group, l.origin, l.eventSource, l.eventName,
    l.outcome, l.errorCode, l.errorMessage, l.readOnly, l.is_write,
    coalesce(l.additionalEventData->>'$.MFAUsed', l.userIdentity.sessionContext.attributes.mfaAuthenticated) AS mfa,
    l.userIdentity.arn AS actor, l.userIdentity.accessKeyId AS accessKeyId, l.sourceIPAddress, l.userAgent,
    l.requestParameters, l.eventID, l.evidence_id, l.record_index, v.uri,
    coalesce(p.verdict, i.verdict) AS integrity_verdict
FROM lines AS l LEFT JOIN evidence AS v ON l.evidence_id = v.evidence_id
LEFT JOIN integrity AS i ON l.evidence_id = i.evidence_id
LEFT JOIN proven_copies AS p ON l.evidence_id = p.evidence_id AND l.record_index = p.record_index
WHERE $account_id = '' OR l.account_id = $account_id
ORDER BY l.eventTime NULLS LAST, l.eventID, l.evidence_id, l.record_index
