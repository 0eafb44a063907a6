/*
title    = "Root events by session"
question = "What was done in a session of root, and which root events are in none?"
attack   = ["T1078.004", "T1550.001"]
source   = "AWS CloudTrail User Guide, userIdentity element; as root-sessions"
misses   = "The end of a session, which AWS does not record, and whatever else root-sessions cannot see."
[params]
session_id = { type = "VARCHAR", default = "", help = "only this session; empty for all" }
account_id = { type = "VARCHAR", default = "", help = "only this account (12 digits); empty for all" }
[columns]
eventTime       = "TIMESTAMP WITH TIME ZONE; UTC"
session_id      = "VARCHAR; NULL: in no session, and session_missing says why"
session_kind    = "VARCHAR; how the session began"
session_missing = "VARCHAR; why the event is in no session; NULL if it is in one"
account_id      = "VARCHAR"
awsRegion       = "VARCHAR"
eventSource     = "VARCHAR"
eventName       = "VARCHAR"
side            = "VARCHAR; activity or noise"
origin          = "VARCHAR; who acted"
outcome         = "VARCHAR; success, failure, or NULL where the record does not say"
errorCode       = "VARCHAR"
readOnly        = "BOOLEAN; NULL where CloudTrail does not say"
is_write        = "BOOLEAN; whether it changes something: readOnly, or a name that tells it; NULL where neither does"
sourceIPAddress = "VARCHAR"
userAgent       = "VARCHAR"
accessKeyId     = "VARCHAR; empty where there is none"
eventID         = "VARCHAR; cite this"
evidence_id     = "INTEGER; the object that holds the record"
record_index    = "INTEGER; its position there, from 0"
*/
SELECT
    eventTime, session_id, session_kind, session_missing, account_id, awsRegion, eventSource, eventName, side, origin,
    outcome, errorCode, readOnly, is_write, sourceIPAddress, userAgent, accessKeyId, eventID, evidence_id, record_index
FROM root_session_events
WHERE ($session_id = '' OR session_id = $session_id) AND ($account_id = '' OR account_id = $account_id)
ORDER BY eventTime NULLS LAST, eventID, evidence_id, record_index
