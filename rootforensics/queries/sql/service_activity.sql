/*
title    = "What AWS services changed as root"
question = "Which changes attributed to root did a service make, and had root called that service before?"
attack   = ["T1078.004"]
source   = "The view service_activity; AWS CloudTrail User Guide, userIdentity element (invokedBy)"
misses   = "Everything that the view misses: calls before the first log or more than 36 hours before the action. Whether a call to a service requested this particular action."
uses     = ["service_activity"]
first    = "eventTime service eventName hand outcome eventID account_id"
columns  = """
eventTime account_id awsRegion eventSource eventName service hand does_anything outcome errorCode errorMessage actor
accessKeyId sourceIPAddress requestParameters responseElements eventID evidence_id record_index"""
never_null = "hand does_anything evidence_id record_index"
[params]
account_id = { type = "VARCHAR", default = "", help = "only this account (12 digits); empty for all" }
calls      = { type = "VARCHAR", default = "", help = "only these calls, as eventSource:eventName, separated by blanks; empty for all" }
[notes]
account_id    = "VARCHAR; the account whose root user it is"
service       = "VARCHAR; the service whose mark it has: invokedBy, else the source"
hand          = "VARCHAR; person (from a network address or with a console session's credentials: probably made by a person), ordered (root called that service before), foreign (no service, or not this one, does so on its own), unknown"
does_anything = "BOOLEAN; whether the service does whatever it is asked to do: all do, except those that maintain what root created"
errorCode     = "VARCHAR; always NULL or empty: they succeeded"
errorMessage  = "VARCHAR; as errorCode"
*/
SELECT
    d.eventTime, d.account_id, d.awsRegion, d.eventSource, d.eventName, d.service, d.hand, d.does_anything, e.outcome, e.errorCode, e.errorMessage,
    e.userIdentity.arn AS actor, e.userIdentity.accessKeyId AS accessKeyId, e.sourceIPAddress, e.requestParameters,
    e.responseElements, d.eventID, d.evidence_id, d.record_index
FROM service_activity AS d INNER JOIN root_events AS e ON d.evidence_id = e.evidence_id AND d.record_index = e.record_index
WHERE ($account_id = '' OR d.account_id = $account_id)
    AND ($calls = '' OR concat(d.eventSource, ':', d.eventName) IN (SELECT unnest(string_split($calls, ' '))))
ORDER BY d.eventTime NULLS LAST, d.eventID, d.evidence_id, d.record_index
