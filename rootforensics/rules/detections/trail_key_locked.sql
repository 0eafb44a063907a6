/*
title       = "Encryption key of a trail disabled or restricted"
attempt     = "Tried to disable or restrict the encryption key of a trail"
severity    = "critical"
attack      = ["T1685.002", "T1489"]
explanation = "Root, or an identity that root created, disabled a KMS key that encrypts a trail's files, scheduled its deletion, or changed its policy. The logs become unreadable or are no longer delivered."
benign      = "A planned change of keys in which the trail gets its new key first."
source      = "AWS KMS API Reference; AWS CloudTrail API Reference, KmsKeyId of CreateTrail and UpdateTrail"
misses      = "A key that no CreateTrail or UpdateTrail event in the case names."
*/
WITH trail_keys AS (
    SELECT regexp_extract(coalesce(responseElements->>'$.kmsKeyId', requestParameters->>'$.kmsKeyId'), '[^/]+$', 0) AS key_id
    FROM api_calls
    WHERE eventSource = 'cloudtrail.amazonaws.com' AND concat(eventName, '') IN ('CreateTrail', 'UpdateTrail')
        AND outcome IS DISTINCT FROM 'failure'
)
SELECT
    account_id, concat(evidence_id, ':', record_index) AS thread, result = 'attempted' AS attempted, eventTime, eventID,
    evidence_id, record_index
FROM followed_actions
WHERE origin_group <> 'noise'
    AND action_id IN ('kms-put-key-policy', 'kms-schedule-key-deletion', 'kms-disable-key')
    AND regexp_extract(requestParameters->>'$.keyId', '[^/]+$', 0) IN (SELECT key_id FROM trail_keys WHERE key_id <> '')
