/*
title    = "Root events by session"
question = "What was done in each root session, and which root events are outside any session?"
attack   = ["T1078.004", "T1550.001"]
source   = "AWS CloudTrail User Guide, userIdentity element; as root-sessions"
misses   = "Ends of sessions, which AWS does not record. Everything else that root-sessions misses."
first    = "eventTime session_id eventName outcome sourceIPAddress eventID"
columns  = """
eventTime session_id session_kind session_missing account_id awsRegion eventSource eventName origin_group origin outcome
errorCode readOnly is_write sourceIPAddress userAgent accessKeyId eventID evidence_id record_index"""
never_null = "origin_group origin accessKeyId evidence_id record_index"
[params]
session_id = { type = "VARCHAR", default = "", help = "only this session; empty for all" }
account_id = { type = "VARCHAR", default = "", help = "only this account (12 digits); empty for all" }
[notes]
session_id      = "VARCHAR; NULL: outside any session, and session_missing states why"
session_missing = "VARCHAR; why the event is outside any session; NULL if it is in one"
origin          = "VARCHAR; who acted"
errorCode       = "VARCHAR"
accessKeyId     = "VARCHAR; empty if there is none"
*/
SELECT
    eventTime, session_id, session_kind, session_missing, account_id, awsRegion, eventSource, eventName, origin_group, origin,
    outcome, errorCode, readOnly, is_write, sourceIPAddress, userAgent, accessKeyId, eventID, evidence_id, record_index
FROM root_session_events
WHERE ($session_id = '' OR session_id = $session_id) AND ($account_id = '' OR account_id = $account_id)
ORDER BY eventTime NULLS LAST, eventID, evidence_id, record_index
