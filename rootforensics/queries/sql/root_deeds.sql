/*
title    = "Root's calls with request and answer"
question = "What did people do with root, with all that the record says of it?"
attack   = ["T1098", "T1136.003"]
source   = "AWS CloudTrail User Guide, record contents"
misses   = "Actions of identities that root created (see identity-deeds); what AWS services did in root's name. Lists are separated by blanks."
columns  = """
eventTime account_id awsRegion eventSource eventName readOnly outcome errorCode errorMessage actor accessKeyId
sourceIPAddress requestParameters responseElements eventID evidence_id record_index"""
[params]
account_id = { type = "VARCHAR", default = "", help = "only this account (12 digits); empty for all" }
calls      = { type = "VARCHAR", default = "", help = "only these calls, as eventSource:eventName; empty for all" }
[notes]
account_id = "VARCHAR; the account whose root user it is"
*/
SELECT
    eventTime, account_id, awsRegion, eventSource, eventName, readOnly, outcome, errorCode, errorMessage, userIdentity.arn AS actor,
    userIdentity.accessKeyId AS accessKeyId, sourceIPAddress, requestParameters, responseElements, eventID, evidence_id,
    record_index
FROM root_activity
WHERE ($account_id = '' OR account_id = $account_id)
    AND ($calls = '' OR (eventSource, eventName) IN (
        SELECT (split_part(wanted, ':', 1), split_part(wanted, ':', 2))
        FROM (SELECT unnest(string_split($calls, ' ')) AS wanted) AS listed
    ))
ORDER BY eventTime NULLS LAST, eventID, evidence_id, record_index
