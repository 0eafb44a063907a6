/*
title    = "Meaning of root's events"
question = "Which root events are in the catalogue of actions, did they succeed, and how severe are they?"
attack   = ["T1078.004"]
source   = "The catalogue of actions (rootforensics/rules/catalogue); the origins of root_events; AssumeRoot as AWS IAM User Guide, track privileged tasks in CloudTrail"
misses   = "Events that the catalogue does not list (root_unlisted counts them). A batch that failed only in part counts as succeeded. Actions of identities that root created, which followed_actions has."
uses     = ["followed_actions"]
*/
SELECT
    eventTime, account_id, awsRegion, origin_group, origin, action_id, result, severity, act, means, matters, category, tactic, techniques,
    tactic_v18, techniques_v18, root_task, needs_root, undo, eventSource, eventName, errorCode,
    errorMessage, sourceIPAddress, userAgent, actor, accessKeyId, requestParameters, responseElements, eventID,
    evidence_id, record_index
FROM followed_actions
WHERE origin_group <> 'descendant'
