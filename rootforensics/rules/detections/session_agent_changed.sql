/*
title       = "Root session used with another program"
severity    = "medium"
attack      = ["T1550.001"]
explanation = "One root session was used from browsers on different machines, or its credentials were used by different kinds of programs. Its credentials or its cookie may have been stolen."
benign      = "Scripts and the command line run on the same machine, or a browser shows a page in its phone view."
source      = "AWS CloudTrail User Guide, record contents (userAgent)"
misses      = "An unauthorized party that copies the user agent, which the caller chooses. A console session normally has several user agents, so only the machines that its browsers name are compared. Uses of a long-term key are not a session. The finding cites the first call of each."
[params]
agents = { type = "INTEGER", default = 2, help = "minimum number of machines or kinds of program" }
*/
WITH named AS (
    SELECT
        account_id, session_id, eventTime, eventID, evidence_id, record_index,
        CASE
            WHEN userAgent LIKE 'Mozilla/5.0 (%' THEN CASE WHEN session_kind <> 'aws_login'
                THEN concat('browser on ', regexp_replace(regexp_extract(userAgent, '[(]([^)]*)', 1), '; rv:[0-9.]+', '')) END
            WHEN session_kind IN ('console_sign_in', 'unknown') OR userAgent LIKE '%.amazonaws.com' OR userAgent LIKE '%aws-internal%' THEN NULL
            ELSE nullif(lower(regexp_extract(userAgent, '^[[]?([A-Za-z0-9_.-]+)/', 1)), '')
        END AS agent
    FROM root_session_events
    WHERE origin_group = 'activity' AND session_id IS NOT NULL AND session_kind <> 'long_term_key'
),
placed AS (
    SELECT
        *,
        row_number() OVER (
            PARTITION BY session_id, agent ORDER BY eventTime NULLS LAST, eventID, evidence_id, record_index
        ) AS place
    FROM named
    WHERE agent IS NOT NULL
),
changed AS (
    SELECT session_id
    FROM placed
    GROUP BY session_id
    HAVING count(DISTINCT agent) >= $agents
)
SELECT p.account_id, p.session_id AS thread, false AS attempted, p.eventTime, p.eventID, p.evidence_id, p.record_index
FROM placed AS p INNER JOIN changed AS c ON p.session_id = c.session_id
WHERE p.place = 1
