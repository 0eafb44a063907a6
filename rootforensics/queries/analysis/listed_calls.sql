/*
question = "Which calls of root and its descendants does the catalogue of actions list?"
misses   = "Calls that the catalogue does not list (unlisted_calls)."
uses     = ["followed_actions"]
columns  = """
account_id eventTime awsRegion eventSource eventName result action_id severity act means category costs exposes policy_effect
certainty listed errorCode actor sourceIPAddress requestParameters eventID evidence_id record_index"""
never_null = """
eventSource eventName result action_id severity act means category certainty listed evidence_id record_index"""
[notes]
account_id    = "VARCHAR; where it was recorded"
result          = "VARCHAR; succeeded, attempted or unknown"
action_id     = "VARCHAR; of the catalogue of actions"
severity      = "VARCHAR"
act           = "VARCHAR; the action as an infinitive, with its object in braces"
means         = "VARCHAR; what was done or attempted, as in the catalogue"
costs         = "VARCHAR; as in actions"
exposes       = "VARCHAR; as in actions"
policy_effect = "VARCHAR; as in policy_changes; NULL where it changes no policy"
certainty     = "VARCHAR; certain or possible: whether it descends from root"
listed        = "BOOLEAN; true"
errorCode     = "VARCHAR"
*/
SELECT
    f.account_id, f.eventTime, f.awsRegion, f.eventSource, f.eventName, f.result, f.action_id, f.severity, f.act, f.means,
    f.category, a.costs, a.exposes, p.policy_effect, f.certainty, true AS listed, f.errorCode, f.actor,
    f.sourceIPAddress, f.requestParameters, f.eventID, f.evidence_id, f.record_index
FROM followed_actions AS f INNER JOIN actions AS a ON f.action_id = a.action_id
LEFT JOIN policy_changes AS p ON f.evidence_id = p.evidence_id AND f.record_index = p.record_index
WHERE f.origin_group <> 'noise'
ORDER BY f.eventTime NULLS LAST, f.eventID, f.evidence_id, f.record_index
