/*
title    = "What root's events mean"
question = "Which of root's events are in the catalogue of actions, were they done or only attempted, and how bad is that?"
attack   = ["T1078.004"]
source   = "The catalogue of actions (rootforensics/rules/catalogue); the origins of root_events; AssumeRoot as AWS IAM User Guide, track privileged tasks in CloudTrail"
misses   = "Events that the catalogue does not list (root_unlisted counts them); a batch of which only a part failed counts as done; actions of identities that root created, which followed_actions has."
uses     = ["followed_actions"]
*/
SELECT
    eventTime, account_id, awsRegion, origin_group, origin, action_id, result, severity, act, means, matters, category, tactic, techniques,
    tactic_v18, techniques_v18, root_task, needs_root, undo, eventSource, eventName, errorCode,
    errorMessage, sourceIPAddress, userAgent, actor, accessKeyId, requestParameters, responseElements, eventID,
    evidence_id, record_index
FROM followed_actions
WHERE origin_group <> 'descendant'
