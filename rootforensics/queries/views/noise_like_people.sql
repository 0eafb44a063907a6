/*
title    = "Service activity that was probably a person's"
question = "Which root events name an AWS service as the caller, but came from an address that no service uses?"
attack   = ["T1078.004"]
source   = "AWS CloudTrail User Guide, userIdentity element (invokedBy), sourceIPAddress and sessionCredentialFromConsole"
misses   = "People who have a service act for them from AWS's own addresses. A service that passes on its caller's address is included."
uses     = ["root_noise"]
*/
SELECT account_id, eventTime, eventID, outcome, userIdentity.accessKeyId AS accessKeyId, cis_match, evidence_id, record_index
FROM root_noise
WHERE origin IN ('service', 'aws_internal') AND (
    lower(sessionCredentialFromConsole) = 'true'
    OR regexp_matches(sourceIPAddress, '^([0-9]{1,3}[.]){3}[0-9]{1,3}$|^[0-9A-Fa-f]{0,4}:[0-9A-Fa-f:.]+$')
)
