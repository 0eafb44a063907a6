/*
title    = "Root events"
question = "Which events bear root's name, and who acted in each?"
attack   = ["T1078.004"]
source   = "AWS CloudTrail User Guide, userIdentity element; AWS Knowledge Center on services that act as root"
misses   = "A deed that AWS delivers to two accounts' logs has two eventIDs and counts twice (sharedEventID ties them). Actions of identities that root created. An AssumeRoot session whose AssumeRoot record is not in the case and which carries no assumedRoot mark counts as root_credentials."
[params]
account_id = { type = "VARCHAR", default = "", help = "only this account (12 digits); empty for all" }
[columns]
eventTime       = "TIMESTAMP WITH TIME ZONE; UTC, NULL where the record has none"
account_id      = "VARCHAR; the account whose root user it is"
awsRegion       = "VARCHAR"
origin          = "VARCHAR; who acted, see the case file's page"
side            = "VARCHAR; activity or noise"
cis_match       = "BOOLEAN; would the CIS alarm filter have matched (an invokedBy of null, which only exports write, counts as none)"
eventSource     = "VARCHAR"
eventName       = "VARCHAR"
readOnly        = "BOOLEAN; NULL where CloudTrail does not say"
errorCode       = "VARCHAR; NULL on success"
errorMessage    = "VARCHAR"
sourceIPAddress = "VARCHAR"
userAgent       = "VARCHAR"
invokedBy       = "VARCHAR; the service that made the request"
accessKeyId     = "VARCHAR"
requestParameters = "JSON"
eventID         = "VARCHAR; cite this"
evidence_id     = "INTEGER; the object that holds the record"
record_index    = "INTEGER; its position there, from 0"
*/
SELECT
    eventTime, account_id, awsRegion, origin, side, cis_match, eventSource, eventName, readOnly, errorCode,
    errorMessage, sourceIPAddress, userAgent, userIdentity.invokedBy AS invokedBy,
    userIdentity.accessKeyId AS accessKeyId, requestParameters, eventID, evidence_id, record_index
FROM root_events
WHERE $account_id = '' OR account_id = $account_id
ORDER BY eventTime NULLS LAST, eventID, evidence_id, record_index
