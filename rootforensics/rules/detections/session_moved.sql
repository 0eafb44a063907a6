/*
title       = "A session of root that moved"
severity    = "high"
attack      = ["T1550.001"]
explanation = "Calls of one session of root, or its sign-in and its calls, came from more than one network: somebody else may hold its credentials or its cookie, or signed in through a phishing page."
benign      = "A change between office, home and mobile network, a VPN that was switched on, a provider that shares out its addresses, or CloudShell, which runs at addresses of AWS: ask who signed in where he was."
source      = "AWS CloudTrail User Guide, record contents (sourceIPAddress) and userIdentity element"
misses      = "An unauthorized party in the same network (/24, of IPv6 /64), or behind the same proxy. Names of AWS services and private addresses (AWS's own hosts, VPC endpoints) are no network. The first call from each network is cited."
[params]
networks = { type = "INTEGER", default = 2, help = "least number of networks" }
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
