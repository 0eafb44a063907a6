/*
title       = "New user given permissions and credentials"
attempt     = "Tried to create a user with permissions and credentials"
severity    = "critical"
attack      = ["T1136.003", "T1098.003"]
explanation = "Root, or an identity that root created, created an IAM user and soon gave it credentials or permissions. Such a user remains after root is recovered."
benign      = "The owner creates the first administrator of a new account on its first day."
source      = "AWS IAM User Guide, logging IAM and AWS STS calls with CloudTrail"
misses      = "Users of IAM Identity Center. Credentials given after the window."
sequence = { each = "earlier", within = "minutes", same = "(later.requestParameters->>'$.userName') = (earlier.requestParameters->>'$.userName')" }
[params]
window_minutes = { type = "INTEGER", default = 60, help = "longest time from the user's creation to its credentials or permissions" }
*/
WITH earlier AS (
    SELECT * FROM followed_actions
    WHERE origin_group <> 'noise' AND action_id = 'iam-create-user'
),
later AS (
    SELECT * FROM followed_actions
    WHERE origin_group <> 'noise' AND (action_id = 'iam-create-access-key' OR action_id = 'iam-create-login-profile' OR action_id LIKE 'iam-attach-user-policy%' OR action_id = 'iam-put-user-policy' OR action_id = 'iam-add-user-to-group')
)
