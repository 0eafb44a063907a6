/*
title       = "A user made, with rights and credentials"
severity    = "critical"
attack      = ["T1136.003", "T1098.003"]
explanation = "Root, or an identity that root made, made an IAM user and gave it credentials or rights at once: a back door that outlives the recovery of root."
benign      = "The first administrator of a new account, made by its owner on the first day."
source      = "AWS IAM User Guide, logging IAM and AWS STS calls with CloudTrail"
misses      = "Users of IAM Identity Center; credentials given later than the window."
[params]
window_minutes = { type = "INTEGER", default = 60, help = "longest time from the user to what it was given" }
*/
WITH earlier AS (
    SELECT * FROM followed_actions
    WHERE side <> 'noise' AND action_id = 'iam-create-user'
),
later AS (
    SELECT * FROM followed_actions
    WHERE side <> 'noise' AND (action_id = 'iam-create-access-key' OR action_id = 'iam-create-login-profile' OR action_id LIKE 'iam-attach-user-policy%' OR action_id = 'iam-put-user-policy' OR action_id = 'iam-add-user-to-group')
),
pairs AS (
    SELECT
        earlier.account_id, concat(earlier.evidence_id, ':', earlier.record_index) AS thread,
        earlier.deed = 'attempted' OR later.deed = 'attempted' AS attempted,
        earlier.eventTime AS earlier_time, earlier.eventID AS earlier_id, earlier.evidence_id AS earlier_evidence,
        earlier.record_index AS earlier_index,
        later.eventTime, later.eventID, later.evidence_id, later.record_index
    FROM earlier INNER JOIN later ON earlier.account_id = later.account_id
        AND (later.requestParameters->>'$.userName') = (earlier.requestParameters->>'$.userName')
        AND later.eventTime >= earlier.eventTime
        AND later.eventTime <= earlier.eventTime + $window_minutes * INTERVAL '1' MINUTE
)
SELECT
    account_id, thread, attempted, earlier_time AS eventTime, earlier_id AS eventID, earlier_evidence AS evidence_id,
    earlier_index AS record_index
FROM pairs
UNION ALL
SELECT account_id, thread, attempted, eventTime, eventID, evidence_id, record_index
FROM pairs
