/*
title       = "Account left its organization and disabled detection"
attempt     = "Tried to leave the organization and disable detection"
severity    = "critical"
attack      = ["T1666", "T1685"]
explanation = "Root, or an identity that root created, left the organization or tried to. Around the same time it disabled detectors or recorders, so the account loses all its guardrails."
benign      = "None is known. An account that is sold leaves the organization but keeps its detectors."
source      = "AWS Organizations User Guide, logging with CloudTrail"
misses      = "Detection disabled from the delegated administrator's account."
sequence = { each = "earlier", within = "hours", either_first = true }
[params]
window_hours = { type = "INTEGER", default = 24, help = "longest time between the two, in either order" }
*/
WITH earlier AS (
    SELECT * FROM followed_actions
    WHERE origin_group <> 'noise' AND action_id = 'organizations-leave-organization'
),
later AS (
    SELECT * FROM followed_actions
    WHERE origin_group <> 'noise' AND action_id IN ('guardduty-delete-detector', 'guardduty-update-detector-disabled', 'config-stop-configuration-recorder', 'config-delete-configuration-recorder', 'config-delete-delivery-channel', 'securityhub-disable-security-hub', 'cloudtrail-stop-logging', 'cloudtrail-delete-trail')
)
