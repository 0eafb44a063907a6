/*
title       = "Region enabled and used"
attempt     = "Tried to enable and use a Region"
severity    = "critical"
attack      = ["T1535", "T1496.001"]
explanation = "Root, or an identity that root created, enabled a Region and launched instances there. Cryptomining often runs where no one monitors."
benign      = "A planned rollout into a new Region, which does not need root."
source      = "AWS Account Management Reference, logging with CloudTrail"
misses      = "Regions that are enabled by default (see unused_region_used), and services other than EC2."
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
