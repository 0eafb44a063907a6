/*
title       = "A session of root used with another program"
severity    = "medium"
attack      = ["T1550.001"]
explanation = "One session of root was used from browsers of different machines, or, with credentials for programs, by programs of different makes: its credentials or its cookie may have been taken elsewhere."
benign      = "Scripts and the command line side by side on one machine; a browser that shows the page of a phone."
source      = "AWS CloudTrail User Guide, record contents (userAgent)"
misses      = "Whoever copies the user agent, which the caller chooses. A console session has several user agents by nature: of it only the machines that its browsers name are compared. Uses of a long-term key are no session. The first call of each is cited."
[params]
agents = { type = "INTEGER", default = 2, help = "least number of machines or makes" }
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
