/*
title       = "Root's e-mail changed, then its password recovered"
severity    = "critical"
attack      = ["T1098", "T1078.004"]
explanation = "Root's e-mail address was changed and the password recovered afterwards: the account was moved to another mailbox for good."
benign      = "A planned change of the mailbox, followed by a new password. The change is then announced, and the address is the company's."
source      = "AWS CloudTrail User Guide, console sign-in events; AWS Organizations User Guide, updating the root user's e-mail address"
misses      = "For members changed from the management account, that account's logs; the record does not hold the new address."
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
    WHERE origin_group <> 'noise' AND action_id LIKE 'signin-password-recovery-%'
        AND result <> 'attempted'
)
