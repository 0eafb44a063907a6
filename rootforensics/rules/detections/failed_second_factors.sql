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
    SELECT account_id, eventTime, eventID, evidence_id, record_index
    FROM root_signins
    WHERE eventName = 'ConsoleLogin' AND outcome = 'failure' AND mfa_used AND eventTime IS NOT NULL
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
-- Each failure in a window that holds enough of them.
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
