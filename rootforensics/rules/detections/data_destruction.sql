/*
title       = "Versions given up, then data deleted"
severity    = "critical"
attack      = ["T1490", "T1485"]
explanation = "Root, or an identity that root made, gave up the versions or the MFA Delete of a bucket, then set an expiry or deleted objects there: the data is to be lost for good."
benign      = "A bucket that is retired on purpose."
source      = "Amazon S3 User Guide, MFA delete and CloudTrail events"
misses      = "Deletions of objects, unless data events are recorded; S3 writes a DeleteObject for each object of a DeleteObjects."
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
