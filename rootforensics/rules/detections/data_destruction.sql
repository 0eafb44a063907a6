/*
title       = "Bucket versions disabled, then data deleted"
attempt     = "Tried to disable bucket versions, then delete data"
severity    = "critical"
attack      = ["T1490", "T1485"]
explanation = "Root, or an identity that root created, suspended versioning or disabled MFA Delete on a bucket. It then set an expiration, or deleted or re-encrypted objects there, so the previous data may be lost for good."
benign      = "A bucket is retired on purpose."
source      = "Amazon S3 User Guide, MFA delete and CloudTrail events"
misses      = "Deletions of objects, unless data events are recorded. S3 records one DeleteObject for each object of a DeleteObjects call."
sequence = { each = "earlier", within = "hours", same = "(later.requestParameters->>'$.bucketName') = (earlier.requestParameters->>'$.bucketName')" }
[params]
window_hours = { type = "INTEGER", default = 72, help = "longest time between the two" }
*/
WITH earlier AS (
    SELECT * FROM followed_actions
    WHERE origin_group <> 'noise' AND action_id IN ('s3-put-bucket-versioning-mfa-delete-off', 's3-put-bucket-versioning-suspended')
),
later AS (
    SELECT * FROM followed_actions
    WHERE origin_group <> 'noise' AND action_id IN ('s3-put-bucket-lifecycle', 's3-copy-object-customer-key', 's3-delete-objects', 's3-delete-object')
)
