/*
title    = "Service activity attributed to root"
question = "Which root events were made by AWS services and not by a person?"
attack   = []
source   = "AWS CloudTrail User Guide, userIdentity element; AWS Knowledge Center on services that act as root"
misses   = "Nothing: root-activity and root-noise together are all of root-events."
first    = "eventTime eventName origin invokedBy eventID account_id"
columns  = """
eventTime account_id awsRegion origin origin_group cis_match eventSource eventName readOnly errorCode errorMessage
sourceIPAddress userAgent invokedBy accessKeyId requestParameters eventID evidence_id record_index"""
never_null = "origin origin_group evidence_id record_index"
[params]
account_id = { type = "VARCHAR", default = "", help = "only this account (12 digits); empty for all" }
[notes]
account_id = "VARCHAR; the account whose root user it is"
*/
SELECT
    eventTime, account_id, awsRegion, origin, origin_group, cis_match, eventSource, eventName, readOnly, errorCode,
    errorMessage, sourceIPAddress, userAgent, userIdentity.invokedBy AS invokedBy,
    userIdentity.accessKeyId AS accessKeyId, requestParameters, eventID, evidence_id, record_index
FROM root_noise
WHERE $account_id = '' OR account_id = $account_id
ORDER BY eventTime NULLS LAST, eventID, evidence_id, record_index
