/*
title       = "Root access key used from a new network"
severity    = "high"
attack      = ["T1078.004"]
explanation = "A long-term access key of root was used from a network where it had not been used before. It may have been stolen."
benign      = "A server moved, or a provider changed its address. Root should have no access key, so delete it even then."
source      = "AWS CloudTrail User Guide, record contents (sourceIPAddress); AWS IAM User Guide, unique identifiers (AKIA)"
misses      = "The first network in the case, because no earlier use is known. An unauthorized party in the same network (/24, or /64 for IPv6). Names of AWS services and private addresses do not count as networks. The finding cites the last use before and the first from the new network."
[params]
uses = { type = "INTEGER", default = 1, help = "minimum number of earlier uses from other networks" }
*/
WITH uses AS (
    SELECT
        account_id, accessKeyId, network, eventTime, eventID, evidence_id, record_index, outcome,
        row_number() OVER (
            PARTITION BY accessKeyId ORDER BY eventTime, eventID, evidence_id, record_index
        ) AS place,
        row_number() OVER (
            PARTITION BY accessKeyId, network ORDER BY eventTime, eventID, evidence_id, record_index
        ) AS place_there
    FROM root_session_events
    WHERE origin_group = 'activity' AND accessKeyId LIKE 'AKIA%' AND network IS NOT NULL AND eventTime IS NOT NULL
),
new AS (
    SELECT * FROM uses WHERE place_there = 1 AND place > $uses
)
SELECT
    account_id, concat(accessKeyId, ' ', network) AS thread, outcome = 'failure' AS attempted, eventTime, eventID,
    evidence_id, record_index
FROM new
UNION ALL
SELECT
    u.account_id, concat(n.accessKeyId, ' ', n.network) AS thread, n.outcome = 'failure' AS attempted, u.eventTime, u.eventID,
    u.evidence_id, u.record_index
FROM new AS n INNER JOIN uses AS u ON n.accessKeyId = u.accessKeyId AND u.place = n.place - 1
