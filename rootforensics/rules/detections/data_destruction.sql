/*
title       = "Versions given up, then data deleted"
severity    = "critical"
attack      = ["T1490", "T1485"]
explanation = "Root, or an identity that root made, gave up the versions or the MFA Delete of a bucket, then set an expiry or deleted objects there: the data is to be lost for good."
benign      = "A bucket that is retired on purpose."
source      = "Amazon S3 User Guide, MFA delete and CloudTrail events"
misses      = "Deletions of objects, unless data events are recorded; S3 writes a DeleteObject for each object of a DeleteObjects."
[params]
window_hours = { type = "INTEGER", default = 72, help = "longest time between the two" }
*/
WITH earlier AS (
    SELECT * FROM followed_actions
    WHERE side <> 'noise' AND action_id IN ('s3-put-bucket-versioning-mfa-delete-off', 's3-put-bucket-versioning-suspended')
),
later AS (
    SELECT * FROM followed_actions
    WHERE side <> 'noise' AND action_id IN ('s3-put-bucket-lifecycle', 's3-delete-objects', 's3-delete-object')
),
pairs AS (
    SELECT
        earlier.account_id, concat(earlier.evidence_id, ':', earlier.record_index) AS thread,
        earlier.deed = 'attempted' OR later.deed = 'attempted' AS attempted,
        earlier.eventTime AS earlier_time, earlier.eventID AS earlier_id, earlier.evidence_id AS earlier_evidence,
        earlier.record_index AS earlier_index,
        later.eventTime, later.eventID, later.evidence_id, later.record_index
    FROM earlier INNER JOIN later ON earlier.account_id = later.account_id
        AND (later.requestParameters->>'$.bucketName') = (earlier.requestParameters->>'$.bucketName')
        AND later.eventTime >= earlier.eventTime
        AND later.eventTime <= earlier.eventTime + $window_hours * INTERVAL '1' HOUR
)
SELECT
    account_id, thread, attempted, earlier_time AS eventTime, earlier_id AS eventID, earlier_evidence AS evidence_id,
    earlier_index AS record_index
FROM pairs
UNION ALL
SELECT account_id, thread, attempted, eventTime, eventID, evidence_id, record_index
FROM pairs
