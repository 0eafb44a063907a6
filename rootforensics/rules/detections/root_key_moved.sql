/*
title       = "New root access key used from another address"
severity    = "critical"
attack      = ["T1098.001", "T1078.004"]
explanation = "Root created an access key for itself, and the key was used from another address. It may have been created to be used elsewhere."
benign      = "An owner creates a key in the console and uses it on a server. Root should have no access key, so delete it even then."
source      = "AWS IAM User Guide, logging IAM and AWS STS calls with CloudTrail"
misses      = "A key created before the logs begin, and use from the same address. The finding cites the first use from each address."
*/
WITH made AS (
    SELECT
        account_id, eventTime, eventID, evidence_id, record_index, sourceIPAddress,
        responseElements->>'$.accessKey.accessKeyId' AS made_key
    FROM root_actions
    WHERE origin_group <> 'noise' AND action_id = 'iam-create-access-key-for-root' AND result = 'succeeded'
),
uses AS (
    SELECT account_id, accessKeyId, sourceIPAddress, eventTime, eventID, evidence_id, record_index
    FROM root_session_events
    WHERE origin_group = 'activity' AND accessKeyId LIKE 'AKIA%'
    QUALIFY row_number() OVER (
        PARTITION BY account_id, accessKeyId, sourceIPAddress
        ORDER BY eventTime NULLS LAST, eventID, evidence_id, record_index
    ) = 1
),
pairs AS (
    SELECT
        m.account_id, m.made_key, m.eventTime AS made_time, m.eventID AS made_id, m.evidence_id AS made_evidence,
        m.record_index AS made_index, u.eventTime, u.eventID, u.evidence_id, u.record_index
    FROM made AS m INNER JOIN uses AS u ON m.made_key = u.accessKeyId
        AND u.sourceIPAddress IS DISTINCT FROM m.sourceIPAddress
)
SELECT account_id, made_key AS thread, false AS attempted, made_time AS eventTime, made_id AS eventID,
    made_evidence AS evidence_id, made_index AS record_index
FROM pairs
UNION ALL
SELECT account_id, made_key AS thread, false AS attempted, eventTime, eventID, evidence_id, record_index
FROM pairs
