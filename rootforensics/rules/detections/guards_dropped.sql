/*
title       = "The organization left and guards dropped"
severity    = "critical"
attack      = ["T1666", "T1685"]
explanation = "Root, or an identity that root made, left the organization, or tried to, and switched off detectors or recorders around the same time: all guard rails at once."
benign      = "Hardly any; an account that is sold leaves the organization, but keeps its detectors."
source      = "AWS Organizations User Guide, logging with CloudTrail"
misses      = "Guards switched off from the delegated administrator's account."
[params]
window_hours = { type = "INTEGER", default = 24, help = "longest time between the two, either first" }
*/
WITH earlier AS (
    SELECT * FROM followed_actions
    WHERE side <> 'noise' AND action_id = 'organizations-leave-organization'
),
later AS (
    SELECT * FROM followed_actions
    WHERE side <> 'noise' AND action_id IN ('guardduty-delete-detector', 'guardduty-update-detector-disabled', 'config-stop-configuration-recorder', 'config-delete-configuration-recorder', 'config-delete-delivery-channel', 'securityhub-disable-security-hub', 'cloudtrail-stop-logging', 'cloudtrail-delete-trail')
),
pairs AS (
    SELECT
        earlier.account_id, concat(earlier.evidence_id, ':', earlier.record_index) AS thread,
        earlier.deed = 'attempted' OR later.deed = 'attempted' AS attempted,
        earlier.eventTime AS earlier_time, earlier.eventID AS earlier_id, earlier.evidence_id AS earlier_evidence,
        earlier.record_index AS earlier_index,
        later.eventTime, later.eventID, later.evidence_id, later.record_index
    FROM earlier INNER JOIN later ON earlier.account_id = later.account_id
        AND later.eventTime >= earlier.eventTime - $window_hours * INTERVAL '1' HOUR
        AND later.eventTime <= earlier.eventTime + $window_hours * INTERVAL '1' HOUR
)
SELECT
    account_id, thread, attempted, earlier_time AS eventTime, earlier_id AS eventID, earlier_evidence AS evidence_id,
    earlier_index AS record_index
FROM pairs
UNION ALL
SELECT account_id, thread, attempted, eventTime, eventID, evidence_id, record_index
FROM pairs
