/*
title    = "Root activity by a person"
question = "Which root events were made by a person, with the console, a key or a session?"
attack   = ["T1078.004"]
source   = "AWS CloudTrail User Guide, userIdentity element; AWS Knowledge Center on services that act as root"
misses   = "Duplicates across accounts: an action that AWS delivers to the logs of two accounts has two eventIDs and counts twice (sharedEventID links them). Steps that a person requested and a service carried out later as root (root-noise)."
first    = "eventTime eventName outcome sourceIPAddress eventID account_id origin"
columns  = """
eventTime account_id awsRegion origin origin_group cis_match eventSource eventName readOnly outcome errorCode errorMessage
sourceIPAddress userAgent invokedBy actor accessKeyId requestParameters responseElements eventID evidence_id
record_index"""
never_null = "origin origin_group evidence_id record_index"
[params]
account_id = { type = "VARCHAR", default = "", help = "only this account (12 digits); empty for all" }
calls      = { type = "VARCHAR", default = "", help = "only these calls, as eventSource:eventName, separated by blanks; empty for all" }
[notes]
account_id = "VARCHAR; the account whose root user it is"
*/
SELECT
    eventTime, account_id, awsRegion, origin, origin_group, cis_match, eventSource, eventName, readOnly, outcome, errorCode,
    errorMessage, sourceIPAddress, userAgent, userIdentity.invokedBy AS invokedBy, userIdentity.arn AS actor,
    userIdentity.accessKeyId AS accessKeyId, requestParameters, responseElements, eventID, evidence_id, record_index
FROM root_activity
WHERE ($account_id = '' OR account_id = $account_id)
    AND ($calls = '' OR strpos(concat(' ', $calls, ' '), concat(' ', eventSource, ':', eventName, ' ')) > 0)
ORDER BY eventTime NULLS LAST, eventID, evidence_id, record_index
