/*
title       = "Repeated failed root sign-ins with MFA"
severity    = "high"
attack      = ["T1621"]
explanation = "Several root sign-ins failed although MFA was used. This suggests guessed codes, repeated prompts or a relayed sign-in page."
benign      = "The device's clock is wrong, or the owner uses the wrong device."
source      = "AWS CloudTrail User Guide, console sign-in events"
misses      = "CloudTrail does not show whether the password was correct. Slow attempts are missed, and counting restarts at midnight (UTC)."
[params]
threshold = { type = "INTEGER", default = 3, help = "minimum number of failures" }
window_minutes = { type = "INTEGER", default = 15, help = "period in minutes in which they are counted" }
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
