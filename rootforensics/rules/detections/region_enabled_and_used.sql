/*
title       = "A Region switched on and used"
severity    = "critical"
attack      = ["T1535", "T1496.001"]
explanation = "Root, or an identity that root made, switched a Region on and started instances there: mining where nobody watches."
benign      = "A planned roll-out into a new Region; it does not need root."
source      = "AWS Account Management Reference, logging with CloudTrail"
misses      = "Regions that are on by default (see the use of a Region that was empty before); other services than EC2."
[params]
window_hours = { type = "INTEGER", default = 168, help = "longest time between the two" }
*/
WITH earlier AS (
    SELECT * FROM followed_actions
    WHERE side <> 'noise' AND action_id = 'account-enable-region'
        AND deed <> 'attempted'
),
later AS (
    SELECT * FROM followed_actions
    WHERE side <> 'noise' AND (action_id LIKE 'ec2-run-instances%' OR action_id IN ('ec2-request-spot-instances', 'ec2-request-spot-fleet', 'ec2-create-fleet'))
),
pairs AS (
    SELECT
        earlier.account_id, concat(earlier.evidence_id, ':', earlier.record_index) AS thread,
        earlier.deed = 'attempted' OR later.deed = 'attempted' AS attempted,
        earlier.eventTime AS earlier_time, earlier.eventID AS earlier_id, earlier.evidence_id AS earlier_evidence,
        earlier.record_index AS earlier_index,
        later.eventTime, later.eventID, later.evidence_id, later.record_index
    FROM earlier INNER JOIN later ON earlier.account_id = later.account_id
        -- Records have either spelling.
        AND later.awsRegion = coalesce(earlier.requestParameters->>'$.regionName', earlier.requestParameters->>'$.RegionName')
        AND later.eventTime >= earlier.eventTime
        AND later.eventTime <= earlier.eventTime + $window_hours * INTERVAL '1' HOUR
)
SELECT
    account_id, thread, attempted, earlier_time AS eventTime, earlier_id AS eventID, earlier_evidence AS evidence_id,
    earlier_index AS record_index
FROM pairs
UNION ALL
SELECT account_id, thread, attempted, eventTime, eventID, evidence_id, record_index
FROM pairs
