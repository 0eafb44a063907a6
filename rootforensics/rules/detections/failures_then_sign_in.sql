/*
title       = "Root sign-in after failures from the same address"
severity    = "high"
attack      = ["T1110", "T1078.004"]
explanation = "Several root sign-ins failed, then one from the same address succeeded. The password may have been guessed or recently recovered. Later sign-ins after the same failures belong to the same finding."
benign      = "The owner mistyped the password. One address that was used before, and a short run of failures, suggest this."
source      = "AWS CloudTrail User Guide, console sign-in events"
misses      = "Failures before the window, and a success in a Region whose logs are not in the case. Guessing from many addresses is in guessed_from_elsewhere. Records without an address are treated as one address."
[params]
threshold = { type = "INTEGER", default = 3, help = "minimum number of failures before the success" }
window_minutes = { type = "INTEGER", default = 60, help = "period in minutes before the success" }
*/
WITH tries AS (
    SELECT
        account_id, sourceIPAddress, eventTime, eventID, evidence_id, record_index, outcome = 'success' AS succeeded
    FROM root_signins
    WHERE eventTime IS NOT NULL
        AND (signin_kind = 'sign_in' AND outcome = 'success' OR eventName = 'ConsoleLogin' AND outcome = 'failure')
),
counted AS (
    SELECT
        *,
        succeeded AND count(*) FILTER (WHERE NOT succeeded) OVER before >= $threshold AS enters,
        min(eventTime) FILTER (WHERE NOT succeeded) OVER before AS begin_time
    FROM tries
    WINDOW before AS (
        PARTITION BY account_id, sourceIPAddress ORDER BY eventTime
        RANGE BETWEEN $window_minutes * INTERVAL '1' MINUTE PRECEDING AND CURRENT ROW
    )
),
-- Successes with failures in common are one finding, named after the first success.
begun AS (
    SELECT
        *,
        CASE WHEN enters AND coalesce(begin_time > lag(eventTime) OVER entries, true)
            THEN concat(evidence_id, ':', record_index) END AS begins
    FROM counted
    WINDOW entries AS (PARTITION BY account_id, sourceIPAddress, enters ORDER BY eventTime, evidence_id, record_index)
),
named AS (
    SELECT *, CASE WHEN enters THEN last_value(begins IGNORE NULLS) OVER entries END AS entry
    FROM begun
    WINDOW entries AS (PARTITION BY account_id, sourceIPAddress, enters ORDER BY eventTime, evidence_id, record_index)
),
told AS (
    SELECT
        *,
        first_value(entry IGNORE NULLS) OVER (
            PARTITION BY account_id, sourceIPAddress ORDER BY eventTime
            RANGE BETWEEN CURRENT ROW AND $window_minutes * INTERVAL '1' MINUTE FOLLOWING
        ) AS thread
    FROM named
)
SELECT account_id, thread, false AS attempted, eventTime, eventID, evidence_id, record_index
FROM told
WHERE thread IS NOT NULL AND (enters OR NOT succeeded)
