/*
title    = "Root events"
question = "Which events are attributed to root, and who acted in each?"
attack   = ["T1078.004"]
source   = "AWS CloudTrail User Guide, userIdentity element; AWS Knowledge Center on services that act as root"
misses   = "Duplicates across accounts: an action that AWS delivers to the logs of two accounts has two eventIDs and counts twice (sharedEventID links them). Actions of identities that root created. AssumeRoot sessions without their AssumeRoot record and without the assumedRoot mark, which count as root_credentials."
first    = "eventTime origin_group eventName sourceIPAddress eventID account_id origin"
columns  = """
eventTime account_id awsRegion origin origin_group cis_match eventSource eventName readOnly errorCode errorMessage
sourceIPAddress userAgent invokedBy accessKeyId requestParameters eventID evidence_id record_index"""
never_null = "origin origin_group evidence_id record_index"
[params]
account_id = { type = "VARCHAR", default = "", help = "only this account (12 digits); empty for all" }
[notes]
account_id = "VARCHAR; the account whose root user it is"
cis_match  = "BOOLEAN; would the CIS alarm filter have matched (an invokedBy of null, which only exports write, counts as none)"
*/
SELECT
    eventTime, account_id, awsRegion, origin, origin_group, cis_match, eventSource, eventName, readOnly, errorCode,
    errorMessage, sourceIPAddress, userAgent, userIdentity.invokedBy AS invokedBy,
    userIdentity.accessKeyId AS accessKeyId, requestParameters, eventID, evidence_id, record_index
FROM root_events
WHERE $account_id = '' OR account_id = $account_id
ORDER BY eventTime NULLS LAST, eventID, evidence_id, record_index
