/*
title       = "Root's password recovered, then a sign-in"
severity    = "critical"
attack      = ["T1078.004", "T1098"]
explanation = "Root's password was recovered through its mailbox, and soon afterward someone signed in as root. That person probably has access to root's mailbox."
benign      = "An owner who forgot the password recovers it the same way. Ask who owns the mailbox, and compare the sign-in address with earlier ones."
source      = "AWS CloudTrail User Guide, console sign-in events; the order of events that follows from it"
misses      = "A recovery that is missing from the logs, and a sign-in after the window."
sequence = { each = "later", within = "minutes" }
[params]
window_minutes = { type = "INTEGER", default = 60, help = "longest time from the recovery to the sign-in" }
*/
WITH earlier AS (
    SELECT * FROM root_actions
    WHERE origin_group <> 'noise' AND action_id = 'signin-password-recovery-completed'
        AND result <> 'attempted'
),
later AS (
    SELECT * FROM root_actions
    WHERE origin_group <> 'noise' AND action_id IN ('signin-console-login-with-mfa', 'signin-console-login-without-mfa')
        AND result <> 'attempted'
)
