/*
title       = "Phone or contacts changed before a recovery"
severity    = "high"
attack      = ["T1098"]
explanation = "The account's phone, address or contacts were changed, and then root's password or MFA. Whoever controls the contact details can pass a recovery."
benign      = "A planned handover of the account to other people."
source      = "AWS Account Management Reference, logging with CloudTrail; AWS Organizations User Guide on recovery"
misses      = "What AWS Support does by phone is not recorded."
sequence = { each = "later", within = "hours" }
[params]
window_hours = { type = "INTEGER", default = 168, help = "longest time between the two" }
*/
WITH earlier AS (
    SELECT * FROM followed_actions
    WHERE origin_group <> 'noise' AND (action_id = 'account-put-contact-information' OR action_id LIKE 'account-put-alternate-contact%' OR action_id = 'billingconsole-set-contact-address' OR action_id = 'billingconsole-set-additional-contacts')
        AND result <> 'attempted'
),
later AS (
    SELECT * FROM root_actions
    WHERE origin_group <> 'noise' AND (action_id = 'signin-password-recovery-completed' OR action_id = 'iam-deactivate-mfa-device-for-root')
        AND result <> 'attempted'
)
