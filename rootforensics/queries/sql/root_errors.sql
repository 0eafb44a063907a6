/*
title    = "Root's denied and failed calls"
question = "Which calls by a person with root were denied or failed?"
attack   = ["T1078.004"]
source   = "AWS CloudTrail User Guide, record contents (errorCode, readOnly)"
misses   = "Failed sign-ins, which have no errorCode (root-signins). Errors that a service reports inside responseElements."
first    = "eventTime eventName errorCode sourceIPAddress eventID account_id"
columns  = """
eventTime account_id awsRegion eventSource eventName errorCode errorMessage sourceIPAddress accessKeyId
requestParameters eventID evidence_id record_index"""
never_null = "evidence_id record_index"
[params]
account_id = { type = "VARCHAR", default = "", help = "only this account (12 digits); empty for all" }
*/
SELECT
    eventTime, account_id, awsRegion, eventSource, eventName, errorCode, errorMessage, sourceIPAddress,
    userIdentity.accessKeyId AS accessKeyId, requestParameters, eventID, evidence_id, record_index
FROM root_activity
WHERE outcome = 'failure' AND (errorCode <> '' OR eventSource IS DISTINCT FROM 'signin.amazonaws.com')
    AND ($account_id = '' OR account_id = $account_id)
ORDER BY eventTime NULLS LAST, eventID, evidence_id, record_index
