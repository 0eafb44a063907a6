/*
title       = "The organization left and guards dropped"
severity    = "critical"
attack      = ["T1666", "T1685"]
explanation = "Root, or an identity that root made, left the organization, or attempted to, and switched off detectors or recorders around the same time: all guard rails at once."
benign      = "Hardly any; an account that is sold leaves the organization, but keeps its detectors."
source      = "AWS Organizations User Guide, logging with CloudTrail"
misses      = "Guards switched off from the delegated administrator's account."
sequence = { each = "earlier", within = "hours", either_first = true }
[params]
window_hours = { type = "INTEGER", default = 24, help = "longest time between the two, either first" }
*/
WITH earlier AS (
    SELECT * FROM followed_actions
    WHERE origin_group <> 'noise' AND action_id = 'organizations-leave-organization'
),
later AS (
    SELECT * FROM followed_actions
    WHERE origin_group <> 'noise' AND action_id IN ('guardduty-delete-detector', 'guardduty-update-detector-disabled', 'config-stop-configuration-recorder', 'config-delete-configuration-recorder', 'config-delete-delivery-channel', 'securityhub-disable-security-hub', 'cloudtrail-stop-logging', 'cloudtrail-delete-trail')
)
