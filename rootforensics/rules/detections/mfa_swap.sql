/*
title       = "Root's MFA device replaced"
severity    = "critical"
attack      = ["T1556.006"]
explanation = "Root's MFA device was removed and another one bound soon afterwards: whoever holds the new device shuts the owner out."
benign      = "An owner with a new phone does the same. Ask for the device; its serial number is in the record."
source      = "AWS CloudTrail User Guide, console sign-in events"
misses      = "A recovery of MFA through AWS Support or by phone, of which CloudTrail shows nothing."
[params]
window_minutes = { type = "INTEGER", default = 60, help = "longest time between the two" }
*/
WITH earlier AS (
    SELECT * FROM root_actions
    WHERE side <> 'noise' AND action_id = 'iam-deactivate-mfa-device-for-root'
),
later AS (
    SELECT * FROM root_actions
    WHERE side <> 'noise' AND action_id = 'iam-enable-mfa-device-for-root'
),
pairs AS (
    SELECT
        earlier.account_id, concat(later.evidence_id, ':', later.record_index) AS thread,
        earlier.deed = 'attempted' OR later.deed = 'attempted' AS attempted,
        earlier.eventTime AS earlier_time, earlier.eventID AS earlier_id, earlier.evidence_id AS earlier_evidence,
        earlier.record_index AS earlier_index,
        later.eventTime, later.eventID, later.evidence_id, later.record_index
    FROM earlier INNER JOIN later ON earlier.account_id = later.account_id
        AND later.eventTime >= earlier.eventTime
        AND later.eventTime <= earlier.eventTime + $window_minutes * INTERVAL '1' MINUTE
)
SELECT
    account_id, thread, attempted, earlier_time AS eventTime, earlier_id AS eventID, earlier_evidence AS evidence_id,
    earlier_index AS record_index
FROM pairs
UNION ALL
SELECT account_id, thread, attempted, eventTime, eventID, evidence_id, record_index
FROM pairs
