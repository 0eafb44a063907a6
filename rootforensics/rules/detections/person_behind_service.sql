/*
title       = "Calls attributed to a service, probably made by a person"
severity    = "medium"
attack      = ["T1078.004"]
explanation = "Root events name an AWS service as the caller. They came from a network address, or used a console session's credentials, which a service does not do on its own. A person probably made them, or a service made them directly on a person's call. The standard filter of the root alarm excludes every event that names a service."
benign      = "A service passes on the caller's address, such as use of a key for a file that root opened. Even then someone used root at that moment."
source      = "AWS CloudTrail User Guide, userIdentity element (invokedBy) and sessionCredentialFromConsole; the origins of root_events"
misses      = "Services that act for people from AWS's own addresses. service-activity shows whether root called them before."
*/
SELECT
    account_id, concat(accessKeyId, ' ', outcome) AS thread, coalesce(outcome = 'failure', false) AS attempted, eventTime,
    eventID, evidence_id, record_index
FROM noise_like_people
