/*
title       = "Concurrent root sessions from different networks"
severity    = "high"
attack      = ["T1078.004", "T1550.001"]
explanation = "Sessions of the same root user ran at the same time and have no network in common. Either two people used root, or one person used it from two networks."
benign      = "A server uses root's access key all day while its owner is in the console, or two people used root as planned."
source      = "AWS CloudTrail User Guide, record contents (sourceIPAddress) and userIdentity element"
misses      = "Two people behind one network (/24, or /64 for IPv6). A session is assumed to last from its first to its last event in the case. The finding cites the first event of each session."
[params]
gap_minutes = { type = "INTEGER", default = 0, help = "longest time between the end of one session and the start of the other that still counts as concurrent" }
*/
WITH spans AS (
    SELECT account_id, session_id, min(eventTime) AS first_time, max(eventTime) AS last_time
    FROM root_session_events
    WHERE origin_group = 'activity' AND session_id IS NOT NULL AND eventTime IS NOT NULL
    GROUP BY account_id, session_id
    HAVING count(network) > 0
),
networks AS (
    SELECT DISTINCT session_id, network
    FROM root_session_events
    WHERE origin_group = 'activity' AND session_id IS NOT NULL AND network IS NOT NULL
),
pairs AS (
    SELECT a.account_id, a.session_id, a.first_time, a.last_time, b.session_id AS other_id
    FROM spans AS a
    INNER JOIN spans AS b ON a.account_id = b.account_id AND a.session_id <> b.session_id
        AND a.first_time <= b.last_time + $gap_minutes * INTERVAL '1' MINUTE
        AND b.first_time <= a.last_time + $gap_minutes * INTERVAL '1' MINUTE
),
-- Only of these: if an unauthorized party signs in repeatedly from one network, all its sessions share that network.
sharing AS (
    SELECT DISTINCT p.session_id, p.other_id
    FROM pairs AS p
    INNER JOIN networks AS a ON p.session_id = a.session_id
    INNER JOIN networks AS b ON p.other_id = b.session_id AND a.network = b.network
),
beside AS (
    SELECT DISTINCT p.account_id, p.session_id, p.first_time, p.last_time
    FROM pairs AS p LEFT JOIN sharing AS s ON p.session_id = s.session_id AND p.other_id = s.other_id
    WHERE s.session_id IS NULL
),
-- Sessions that follow each other without a break are one finding.
broken AS (
    SELECT
        *,
        CASE
            WHEN first_time <= max(last_time) OVER (
                PARTITION BY account_id ORDER BY first_time, session_id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
            ) + $gap_minutes * INTERVAL '1' MINUTE THEN 0 ELSE 1
        END AS begins
    FROM beside
),
numbered AS (
    SELECT *, sum(begins) OVER (PARTITION BY account_id ORDER BY first_time, session_id) AS number
    FROM broken
),
firsts AS (
    SELECT session_id, eventTime, eventID, evidence_id, record_index
    FROM root_session_events
    WHERE origin_group = 'activity' AND session_id IS NOT NULL AND eventTime IS NOT NULL
    QUALIFY row_number() OVER (PARTITION BY session_id ORDER BY eventTime, eventID, evidence_id, record_index) = 1
)
SELECT
    n.account_id, concat(n.account_id, ' ', n.number) AS thread, false AS attempted, f.eventTime, f.eventID,
    f.evidence_id, f.record_index
FROM numbered AS n INNER JOIN firsts AS f ON n.session_id = f.session_id
