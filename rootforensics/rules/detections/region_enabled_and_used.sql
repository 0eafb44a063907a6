/*
title       = "A Region switched on and used"
severity    = "critical"
attack      = ["T1535", "T1496.001"]
explanation = "Root, or an identity that root made, switched a Region on and started instances there: mining where nobody monitors."
benign      = "A planned roll-out into a new Region; it does not need root."
source      = "AWS Account Management Reference, logging with CloudTrail"
misses      = "Regions that are on by default (see the use of a Region that was empty before); other services than EC2."
# Records have either spelling.
sequence = { each = "earlier", within = "hours", same = "later.awsRegion = coalesce(earlier.requestParameters->>'$.regionName', earlier.requestParameters->>'$.RegionName')" }
[params]
window_hours = { type = "INTEGER", default = 168, help = "longest time between the two" }
*/
WITH earlier AS (
    SELECT * FROM followed_actions
    WHERE origin_group <> 'noise' AND action_id = 'account-enable-region'
        AND result <> 'attempted'
),
later AS (
    SELECT * FROM followed_actions
    WHERE origin_group <> 'noise' AND (action_id LIKE 'ec2-run-instances%' OR action_id IN ('ec2-request-spot-instances', 'ec2-request-spot-fleet', 'ec2-create-fleet'))
)
