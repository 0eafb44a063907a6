/*
title       = "Password recovery, then a sign-in"
severity    = "critical"
attack      = ["T1078.004", "T1098"]
explanation = "Root's password was recovered through the mailbox, and soon afterwards somebody signed in as root: whoever did so reads root's mail."
benign      = "An owner who forgot the password recovers it in the same way. Ask who owns the mailbox, and compare the address of the sign-in with earlier ones."
source      = "AWS CloudTrail User Guide, console sign-in events; the order of events that follows from it"
misses      = "A recovery that the logs do not hold; a sign-in later than the window."
sequence = { each = "later", within = "minutes" }
[params]
window_minutes = { type = "INTEGER", default = 60, help = "longest time from the recovery to the sign-in" }
*/
WITH earlier AS (
    SELECT * FROM root_actions
    WHERE origin_group <> 'noise' AND action_id LIKE 'signin-password-recovery-%'
        AND result <> 'attempted'
),
later AS (
    SELECT * FROM root_actions
    WHERE origin_group <> 'noise' AND action_id IN ('signin-console-login-with-mfa', 'signin-console-login-without-mfa')
        AND result <> 'attempted'
)
