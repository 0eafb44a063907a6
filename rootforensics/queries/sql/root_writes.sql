/*
title    = "What root changed"
question = "Which writes did a person make or try with root?"
attack   = ["T1098"]
source   = "AWS CloudTrail User Guide, record contents (errorCode, readOnly)"
misses   = "Changes that services made on root's behalf. Events without readOnly (old records, many billing pages) whose name is clearly a read, such as Get, List or Download. Errors of failed sign-ins, which have no errorCode: outcome marks them. Sign-ins count as writes, because AWS marks them so."
first    = "eventTime eventName outcome sourceIPAddress eventID account_id"
columns  = """
eventTime account_id awsRegion eventSource eventName readOnly outcome errorCode errorMessage sourceIPAddress
accessKeyId requestParameters eventID evidence_id record_index"""
never_null = "evidence_id record_index"
[params]
account_id = { type = "VARCHAR", default = "", help = "only this account (12 digits); empty for all" }
[notes]
errorCode = "VARCHAR; NULL on success and for failed sign-ins"
*/
SELECT
    eventTime, account_id, awsRegion, eventSource, eventName, readOnly, outcome, errorCode, errorMessage,
    sourceIPAddress, userIdentity.accessKeyId AS accessKeyId, requestParameters, eventID, evidence_id, record_index
FROM root_activity
WHERE is_write IS DISTINCT FROM false AND ($account_id = '' OR account_id = $account_id)
ORDER BY eventTime NULLS LAST, eventID, evidence_id, record_index
