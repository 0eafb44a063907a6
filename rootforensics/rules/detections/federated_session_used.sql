/*
title       = "Federated session of root used"
severity    = "critical"
attack      = ["T1098.001", "T1550.001"]
explanation = "Root issued a session with GetFederationToken, and the session was used. Its events have the type FederatedUser, so filters on Root miss them. Deactivating root's key does not end it."
benign      = "Hardly any. Some old tools create sign-in links this way, but with an IAM user's key."
source      = "AWS CloudTrail User Guide, userIdentity element; AWS IAM User Guide, comparing AWS STS credentials"
misses      = "Use of the session in accounts or Regions whose logs are not in the case. The finding cites the first and last use."
*/
WITH issued AS (
    SELECT
        account_id, eventTime, eventID, evidence_id, record_index,
        responseElements->>'$.credentials.accessKeyId' AS issued_key
    FROM root_actions
    WHERE origin_group <> 'noise' AND action_id = 'sts-get-federation-token' AND result = 'succeeded'
),
uses AS (
    SELECT
        accessKeyId, eventTime, eventID, evidence_id, record_index,
        row_number() OVER (
            PARTITION BY accessKeyId ORDER BY eventTime NULLS LAST, eventID, evidence_id, record_index
        ) AS place,
        count(*) OVER (PARTITION BY accessKeyId) AS use_count
    FROM root_session_events
    WHERE origin = 'federated_session'
),
pairs AS (
    SELECT
        i.account_id, i.issued_key, i.eventTime AS issued_time, i.eventID AS issued_id, i.evidence_id AS issued_evidence,
        i.record_index AS issued_index, u.eventTime, u.eventID, u.evidence_id, u.record_index
    FROM issued AS i INNER JOIN uses AS u ON i.issued_key = u.accessKeyId
    WHERE u.place IN (1, u.use_count)
)
SELECT account_id, issued_key AS thread, false AS attempted, issued_time AS eventTime, issued_id AS eventID,
    issued_evidence AS evidence_id, issued_index AS record_index
FROM pairs
UNION ALL
SELECT account_id, issued_key AS thread, false AS attempted, eventTime, eventID, evidence_id, record_index
FROM pairs
