/*
title       = "Privileged session exceeds its tasks"
attempt     = "Tried a call outside the task policies of a privileged session"
severity    = "critical"
attack      = ["T1548.005"]
explanation = "An AssumeRoot session made a call that none of AWS's task policies allows. A call that succeeds was not limited by a task policy."
benign      = "None is known. A denied call shows that the limit works and that someone tested it."
source      = "AWS IAM User Guide, privileged tasks, and the managed policies for root tasks; AWS STS API Reference, GetCallerIdentity"
misses      = "The policy of the individual session is not checked, so an action that another task policy allows passes."
*/
SELECT
    account_id, concat(session_id, ' ', outcome) AS thread, outcome = 'failure' AS attempted, eventTime, eventID,
    evidence_id, record_index
FROM root_session_events
WHERE origin = 'privileged_session'
    -- GetCallerIdentity needs no permission, and no policy can deny it.
    AND NOT (eventSource = 'sts.amazonaws.com' AND eventName = 'GetCallerIdentity')
    AND eventName NOT IN (
    'ListAccessKeys', 'ListSigningCertificates', 'GetLoginProfile', 'ListMFADevices', 'GetAccountSummary', 'GetUser',
    'GetAccessKeyLastUsed', 'CreateLoginProfile', 'DeleteAccessKey', 'DeleteSigningCertificate', 'DeleteLoginProfile',
    'DeactivateMFADevice', 'DeleteVirtualMFADevice', 'PutBucketPolicy', 'GetBucketPolicy', 'DeleteBucketPolicy',
    'ListBuckets', 'ListAllMyBuckets', 'SetQueueAttributes', 'GetQueueAttributes', 'GetQueueUrl', 'ListQueues'
)
