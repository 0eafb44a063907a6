/*
title       = "A user made, with rights and credentials"
severity    = "critical"
attack      = ["T1136.003", "T1098.003"]
explanation = "Root, or an identity that root made, made an IAM user and gave it credentials or rights at once: a back door that outlives the recovery of root."
benign      = "The first administrator of a new account, made by its owner on the first day."
source      = "AWS IAM User Guide, logging IAM and AWS STS calls with CloudTrail"
misses      = "Users of IAM Identity Center; credentials given later than the window."
sequence = { each = "earlier", within = "minutes", same = "(later.requestParameters->>'$.userName') = (earlier.requestParameters->>'$.userName')" }
[params]
window_minutes = { type = "INTEGER", default = 60, help = "longest time from the user to what it was given" }
*/
WITH earlier AS (
    SELECT * FROM followed_actions
    WHERE origin_group <> 'noise' AND action_id = 'iam-create-user'
),
later AS (
    SELECT * FROM followed_actions
    WHERE origin_group <> 'noise' AND (action_id = 'iam-create-access-key' OR action_id = 'iam-create-login-profile' OR action_id LIKE 'iam-attach-user-policy%' OR action_id = 'iam-put-user-policy' OR action_id = 'iam-add-user-to-group')
)
