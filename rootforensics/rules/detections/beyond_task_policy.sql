/*
title       = "A privileged session beyond its tasks"
severity    = "critical"
attack      = ["T1548.005"]
explanation = "A session that AssumeRoot opened did something that none of AWS's task policies allows: the limit did not hold, or the session is none of AssumeRoot's."
benign      = "None is known. A refused call shows that the limit holds, and that somebody attempted it."
source      = "AWS IAM User Guide, privileged tasks, and the managed policies for root tasks; AWS STS API Reference, GetCallerIdentity"
misses      = "The policy of the single session is not looked at: an action of another task's policy passes."
*/
SELECT
    account_id, concat(session_id, ' ', outcome) AS thread, outcome = 'failure' AS attempted, eventTime, eventID,
    evidence_id, record_index
FROM root_session_events
WHERE origin = 'privileged_session'
    -- It needs no permission, and no policy can deny it.
    AND NOT (eventSource = 'sts.amazonaws.com' AND eventName = 'GetCallerIdentity')
    AND eventName NOT IN (
    'ListAccessKeys', 'ListSigningCertificates', 'GetLoginProfile', 'ListMFADevices', 'GetAccountSummary', 'GetUser',
    'GetAccessKeyLastUsed', 'CreateLoginProfile', 'DeleteAccessKey', 'DeleteSigningCertificate', 'DeleteLoginProfile',
    'DeactivateMFADevice', 'DeleteVirtualMFADevice', 'PutBucketPolicy', 'GetBucketPolicy', 'DeleteBucketPolicy',
    'ListBuckets', 'ListAllMyBuckets', 'SetQueueAttributes', 'GetQueueAttributes', 'GetQueueUrl', 'ListQueues'
)
