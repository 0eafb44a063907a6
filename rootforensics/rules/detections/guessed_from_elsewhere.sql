/*
title       = "Root sign-in from a new address after failures elsewhere"
severity    = "medium"
attack      = ["T1110", "T1078.004"]
explanation = "Many root sign-ins failed, then one succeeded from a different address where root had not signed in before. The password may have been guessed from many addresses."
benign      = "The owner signed in while someone else was guessing. Ask who signed in there. At the beginning of the logs every address is new."
source      = "AWS CloudTrail User Guide, console sign-in events; five failures are what published rules on failed sign-ins of root ask for"
misses      = "Failures before the window, a success in a Region whose logs are not in the case, and records without an address. Failures from the same address are in failures_then_sign_in."
[params]
threshold = { type = "INTEGER", default = 5, help = "minimum number of failures before the success" }
window_minutes = { type = "INTEGER", default = 60, help = "period in minutes before the success" }
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
    QUALIFY row_number() OVER (
        PARTITION BY account_id, sourceIPAddress ORDER BY eventTime NULLS LAST, eventID, evidence_id, record_index
    ) = 1
),
pairs AS (
    SELECT
        e.account_id, concat(e.evidence_id, ':', e.record_index) AS thread, e.eventTime AS entry_time,
        e.eventID AS entry_id, e.evidence_id AS entry_evidence, e.record_index AS entry_index,
        f.eventTime, f.eventID, f.evidence_id, f.record_index,
        count(*) OVER (PARTITION BY e.evidence_id, e.record_index) AS failure_count
    FROM entries AS e INNER JOIN failures AS f ON e.account_id = f.account_id
        AND e.sourceIPAddress <> f.sourceIPAddress
        AND f.eventTime <= e.eventTime AND f.eventTime >= e.eventTime - $window_minutes * INTERVAL '1' MINUTE
)
SELECT account_id, thread, false AS attempted, eventTime, eventID, evidence_id, record_index
FROM pairs
WHERE failure_count >= $threshold
UNION ALL
SELECT account_id, thread, false AS attempted, entry_time, entry_id, entry_evidence, entry_index
FROM pairs
WHERE failure_count >= $threshold
