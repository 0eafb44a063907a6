/*
title       = "Root's MFA device replaced"
attempt     = "Tried to replace root's MFA device"
severity    = "critical"
attack      = ["T1556.006"]
explanation = "Root's MFA device was removed, and another one was registered soon afterward. The holder of the new device can lock the owner out."
benign      = "An owner with a new phone does the same. Ask the owner to show the device. Its serial number is in the record."
source      = "AWS CloudTrail User Guide, console sign-in events"
misses      = "A recovery of MFA through AWS Support or by phone, because CloudTrail does not record it."
sequence = { each = "later", within = "minutes" }
[params]
window_minutes = { type = "INTEGER", default = 60, help = "longest time between the two" }
*/
WITH earlier AS (
    SELECT * FROM root_actions
    WHERE origin_group <> 'noise' AND action_id = 'iam-deactivate-mfa-device-for-root'
),
later AS (
    SELECT * FROM root_actions
    WHERE origin_group <> 'noise' AND action_id = 'iam-enable-mfa-device-for-root'
)
