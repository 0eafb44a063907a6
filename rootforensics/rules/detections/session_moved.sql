/*
title       = "Root session used from several networks"
severity    = "high"
attack      = ["T1550.001"]
explanation = "The calls of one root session, or its sign-in and its calls, came from more than one network. Someone else may have its credentials or its cookie, or may have relayed the sign-in through a phishing page."
benign      = "A change between office, home and mobile network, a VPN that was enabled, a provider that varies its addresses, or CloudShell, which uses AWS addresses. Ask the person who signed in where they were."
source      = "AWS CloudTrail User Guide, record contents (sourceIPAddress) and userIdentity element"
misses      = "An unauthorized party in the same network (/24, or /64 for IPv6), or behind the same proxy. Names of AWS services and private addresses (AWS's own hosts, VPC endpoints) do not count as networks. The finding cites the first call from each network."
[params]
networks = { type = "INTEGER", default = 2, help = "minimum number of networks" }
*/
WITH placed AS (
    SELECT
        account_id, session_id, network, eventTime, eventID, evidence_id, record_index,
        row_number() OVER (
            PARTITION BY session_id, network ORDER BY eventTime NULLS LAST, eventID, evidence_id, record_index
        ) AS place
    FROM root_session_events
    WHERE origin_group = 'activity' AND session_id IS NOT NULL AND network IS NOT NULL
),
moved AS (
    SELECT session_id
    FROM placed
    GROUP BY session_id
    HAVING count(DISTINCT network) >= $networks
)
SELECT p.account_id, p.session_id AS thread, false AS attempted, p.eventTime, p.eventID, p.evidence_id, p.record_index
FROM placed AS p INNER JOIN moved AS m ON p.session_id = m.session_id
WHERE p.place = 1
