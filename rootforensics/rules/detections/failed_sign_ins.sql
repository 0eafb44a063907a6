/*
title       = "Many failed sign-ins"
severity    = "medium"
attack      = ["T1110"]
explanation = "Signing in as root failed many times in a short time: somebody guesses the password, or a program has an old one."
benign      = "An owner who forgot the password. Few failures from one known address, and a recovery by the owner afterwards, speak for it."
source      = "AWS CloudTrail User Guide, console sign-in events; thresholds as common rule sets have them (5 in 15 minutes)"
misses      = "Slow guessing; failures in Regions whose logs are not in the case. It is cut at midnight (UTC)."
[params]
threshold = { type = "INTEGER", default = 5, help = "least number of failures" }
window_minutes = { type = "INTEGER", default = 15, help = "in so many minutes" }
*/
WITH failures AS (
    SELECT account_id, eventTime, eventID, evidence_id, record_index, mfa_used
    FROM root_signins
    WHERE eventName = 'ConsoleLogin' AND outcome = 'failure'
),
counted AS (
    SELECT a.account_id, a.evidence_id, a.record_index, count(*) AS failure_count
    FROM failures AS a
    INNER JOIN failures AS b ON a.account_id = b.account_id
        AND b.eventTime >= a.eventTime AND b.eventTime <= a.eventTime + $window_minutes * INTERVAL '1' MINUTE
    GROUP BY a.account_id, a.evidence_id, a.record_index
    HAVING count(*) >= $threshold
)
SELECT DISTINCT
    b.account_id, concat(b.account_id, ' ', CAST(date_trunc('day', b.eventTime) AS VARCHAR)) AS thread,
    false AS attempted, b.eventTime, b.eventID, b.evidence_id, b.record_index
FROM counted AS c
INNER JOIN failures AS a ON a.evidence_id = c.evidence_id AND a.record_index = c.record_index
INNER JOIN failures AS b ON a.account_id = b.account_id
    AND b.eventTime >= a.eventTime AND b.eventTime <= a.eventTime + $window_minutes * INTERVAL '1' MINUTE
