/*
title       = "Root's e-mail address changed, then its password recovered"
severity    = "critical"
attack      = ["T1098", "T1078.004"]
explanation = "Root's e-mail address was changed and the password was recovered afterward. The account then belongs to whoever controls the new mailbox."
benign      = "A planned change of the mailbox, followed by a new password. Such a change is announced, and the address belongs to the company."
source      = "AWS CloudTrail User Guide, console sign-in events; AWS Organizations User Guide, updating the root user's e-mail address"
misses      = "Members whose address was changed from the management account, unless that account's logs are loaded. The record does not contain the new address."
sequence = { each = "later", within = "hours" }
[params]
window_hours = { type = "INTEGER", default = 168, help = "longest time between the two" }
*/
WITH earlier AS (
    SELECT * FROM followed_actions
    WHERE origin_group <> 'noise' AND action_id IN ('signin-email-updated', 'iam-update-account-email-address', 'account-start-primary-email-update', 'account-accept-primary-email-update', 'billingconsole-set-account-preferences')
        AND result <> 'attempted'
),
later AS (
    SELECT * FROM root_actions
    WHERE origin_group <> 'noise' AND action_id = 'signin-password-recovery-completed'
        AND result <> 'attempted'
)
