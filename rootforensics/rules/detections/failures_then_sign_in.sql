/*
title       = "Failed sign-ins, then one from the same address that succeeded"
severity    = "high"
attack      = ["T1110", "T1078.004"]
explanation = "Several tries to sign in as root failed, then one from the same address succeeded: a guessed or freshly recovered password."
benign      = "An owner who mistyped. One address that was used before, and a short run, speak for it."
source      = "AWS CloudTrail User Guide, console sign-in events"
misses      = "Failures before the window; a success in a Region whose logs are not in the case. Guessing from many addresses is guessed_from_elsewhere. Where no address was recorded, all are taken for one."
[params]
threshold = { type = "INTEGER", default = 3, help = "least number of failures before the success" }
window_minutes = { type = "INTEGER", default = 60, help = "in so many minutes before it" }
*/
WITH failures AS (
    SELECT account_id, sourceIPAddress, eventTime, eventID, evidence_id, record_index
    FROM root_signins
    WHERE eventName = 'ConsoleLogin' AND outcome = 'failure'
),
entries AS (
    SELECT account_id, sourceIPAddress, eventTime, eventID, evidence_id, record_index
    FROM root_signins
    WHERE signin_kind = 'sign_in' AND outcome = 'success'
),
pairs AS (
    SELECT
        e.account_id, concat(e.evidence_id, ':', e.record_index) AS thread, e.eventTime AS entry_time,
        e.eventID AS entry_id, e.evidence_id AS entry_evidence, e.record_index AS entry_index,
        f.eventTime, f.eventID, f.evidence_id, f.record_index,
        count(*) OVER (PARTITION BY e.evidence_id, e.record_index) AS failure_count
    FROM entries AS e INNER JOIN failures AS f ON e.account_id = f.account_id
        AND e.sourceIPAddress IS NOT DISTINCT FROM f.sourceIPAddress
        AND f.eventTime <= e.eventTime AND f.eventTime >= e.eventTime - $window_minutes * INTERVAL '1' MINUTE
)
SELECT account_id, thread, false AS attempted, eventTime, eventID, evidence_id, record_index
FROM pairs
WHERE failure_count >= $threshold
UNION ALL
SELECT account_id, thread, false AS attempted, entry_time, entry_id, entry_evidence, entry_index
FROM pairs
WHERE failure_count >= $threshold
