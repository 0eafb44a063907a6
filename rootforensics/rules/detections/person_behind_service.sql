/*
title       = "A service's mark on what came from a network address"
severity    = "medium"
attack      = ["T1078.004"]
explanation = "Events of root name an AWS service as the caller, but came from a network address or were made with a console session's credentials, which no service does of itself: probably a person did it, or a service at once on a person's call. The usual filter of the root alarm leaves out whatever names a service."
benign      = "A service that passes the caller's address on, such as a key that is used for a file which root opened. Somebody used root in that moment all the same."
source      = "AWS CloudTrail User Guide, userIdentity element (invokedBy) and sessionCredentialFromConsole; the origins of root_events"
misses      = "Services that people have act for them from AWS's own addresses (service-activity tells whether root called them before)."
*/
SELECT
    account_id, concat(accessKeyId, ' ', outcome) AS thread, coalesce(outcome = 'failure', false) AS attempted, eventTime,
    eventID, evidence_id, record_index
FROM noise_like_people
