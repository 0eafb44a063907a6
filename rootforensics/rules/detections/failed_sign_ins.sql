/*
title       = "Many failed root sign-ins"
severity    = "medium"
attack      = ["T1110"]
explanation = "Many root sign-ins failed in a short time. Someone is guessing the password, or a program uses an old one."
benign      = "The owner forgot the password. Few failures from one known address, followed by the owner's own recovery, suggest this."
source      = "AWS CloudTrail User Guide, console sign-in events; thresholds as common rule sets have them (5 in 15 minutes)"
misses      = "Slow guessing, and failures in Regions whose logs are not in the case. Counting restarts at midnight (UTC)."
[params]
threshold = { type = "INTEGER", default = 5, help = "minimum number of failures" }
window_minutes = { type = "INTEGER", default = 15, help = "period in minutes in which they are counted" }
*/
WITH failures AS (
    SELECT account_id, eventTime, eventID, evidence_id, record_index
    FROM root_signins
    WHERE eventName = 'ConsoleLogin' AND outcome = 'failure' AND eventTime IS NOT NULL
),
counted AS (
    SELECT
        *,
        count(*) OVER (
            PARTITION BY account_id ORDER BY eventTime
            RANGE BETWEEN CURRENT ROW AND $window_minutes * INTERVAL '1' MINUTE FOLLOWING
        ) >= $threshold AS begins
    FROM failures
),
-- Each failure in a window with enough failures.
told AS (
    SELECT
        *,
        bool_or(begins) OVER (
            PARTITION BY account_id ORDER BY eventTime
            RANGE BETWEEN $window_minutes * INTERVAL '1' MINUTE PRECEDING AND CURRENT ROW
        ) AS counts
    FROM counted
)
SELECT
    account_id, concat(account_id, ' ', CAST(date_trunc('day', eventTime) AS VARCHAR)) AS thread,
    false AS attempted, eventTime, eventID, evidence_id, record_index
FROM told
WHERE counts
