/*
title       = "Many sign-ins that failed with a second factor in play"
severity    = "high"
attack      = ["T1621"]
explanation = "Signing in as root failed several times although MFA was used: codes are guessed, prompts pushed, or a sign-in page is relayed."
benign      = "A device whose clock is off, or an owner with the wrong device."
source      = "AWS CloudTrail User Guide, console sign-in events"
misses      = "CloudTrail does not say whether the password was right. Slow tries; it is cut at midnight (UTC)."
[params]
threshold = { type = "INTEGER", default = 3, help = "least number of failures" }
window_minutes = { type = "INTEGER", default = 15, help = "in so many minutes" }
*/
WITH failures AS (
    SELECT account_id, eventTime, eventID, evidence_id, record_index, mfa_used
    FROM root_signins
    WHERE eventName = 'ConsoleLogin' AND outcome = 'failure' AND mfa_used
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
