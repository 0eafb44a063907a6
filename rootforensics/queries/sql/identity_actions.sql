/*
title    = "Actions of identities"
question = "What did these keys, users, roles or instances do? If none is named, who made these calls?"
attack   = ["T1078.004"]
source   = "AWS CloudTrail User Guide, userIdentity element"
misses   = "Calls whose logs are not in the case. Identities that assumed a role: their calls are listed under the role."
first    = "eventTime actor eventName outcome sourceIPAddress eventID"
columns  = """
eventTime account_id awsRegion eventSource eventName readOnly outcome errorCode errorMessage actor identity_type
accessKeyId user role instance sourceIPAddress requestParameters responseElements serviceEventDetails eventID
evidence_id record_index"""
never_null = "evidence_id record_index"
[params]
access_keys = { type = "VARCHAR", default = "", help = "access key IDs, separated by blanks" }
users       = { type = "VARCHAR", default = "", help = "IAM users as account/name, separated by blanks" }
roles       = { type = "VARCHAR", default = "", help = "roles as account/name, separated by blanks" }
instances   = { type = "VARCHAR", default = "", help = "EC2 instance IDs, separated by blanks" }
calls       = { type = "VARCHAR", default = "", help = "only these calls, as eventSource:eventName, separated by blanks; empty for all" }
[notes]
account_id          = "VARCHAR; where it was recorded"
actor               = "VARCHAR; ARN of the identity; for an AWS service without one, its name"
identity_type       = "VARCHAR; userIdentity.type as AWS spells it"
user                = "VARCHAR; for an IAM user, account/name; also for an identity for which the record has only the name"
role                = "VARCHAR; for an assumed role, account/name"
instance            = "VARCHAR; for the role session of an EC2 instance, the instance ID"
serviceEventDetails = "JSON; for events that AWS services made themselves"
*/
WITH told AS (
    SELECT
        eventTime, account_id, awsRegion, eventSource, eventName,
        readOnly, outcome, errorCode, errorMessage, coalesce(nullif(userIdentity.arn, ''), userIdentity.invokedBy) AS actor, identity_type,
        userIdentity.accessKeyId AS accessKeyId,
        acting_user AS user, acting_role AS role,
        CASE
            WHEN identity_type = 'AssumedRole' AND userIdentity.arn LIKE '%/i-%'
                THEN nullif(regexp_extract(userIdentity.arn, '/(i-[0-9a-f]+)$', 1), '')
        END AS instance,
        sourceIPAddress, requestParameters, responseElements, serviceEventDetails, eventID, evidence_id, record_index
    FROM api_calls
    WHERE $calls = '' OR concat(eventSource, ':', eventName) IN (SELECT unnest(string_split($calls, ' ')))
)
SELECT *
FROM told
WHERE ($access_keys = '' AND $users = '' AND $roles = '' AND $instances = '')
    OR accessKeyId IN (SELECT unnest(string_split(nullif($access_keys, ''), ' ')))
    OR user IN (SELECT unnest(string_split(nullif($users, ''), ' ')))
    OR role IN (SELECT unnest(string_split(nullif($roles, ''), ' ')))
    OR instance IN (SELECT unnest(string_split(nullif($instances, ''), ' ')))
ORDER BY eventTime NULLS LAST, eventID, evidence_id, record_index
