/*
question = "What did AWS services do as root that only a holder of root's credentials can request?"
misses   = "Who requested it: hand states only what the record shows."
uses     = ["followed_actions"]
columns  = """
account_id eventTime awsRegion eventSource eventName eventID evidence_id record_index service hand does_anything result
severity act means category action_id costs exposes listed"""
never_null = "evidence_id record_index hand does_anything result listed"
[notes]
account_id    = "VARCHAR; where it was recorded"
service       = "VARCHAR; the service that made the request"
hand          = "VARCHAR; person, ordered, foreign or unknown, as in service_activity"
does_anything = "BOOLEAN; whether it may have changed something"
result          = "VARCHAR; succeeded"
severity      = "VARCHAR; NULL where the catalogue has no such action"
act           = "VARCHAR; the action as an infinitive, with its object in braces"
means         = "VARCHAR; what was done or attempted, as in the catalogue"
category          = "VARCHAR; of a timeline"
action_id     = "VARCHAR; of the catalogue of actions"
costs         = "VARCHAR; as in actions"
exposes       = "VARCHAR; as in actions"
listed        = "BOOLEAN; whether the catalogue lists the call"
*/
SELECT
    d.account_id, d.eventTime, d.awsRegion, d.eventSource, d.eventName, d.eventID, d.evidence_id, d.record_index,
    d.service, d.hand, d.does_anything, 'succeeded' AS result, f.severity, f.act, f.means, f.category, f.action_id, a.costs,
    a.exposes,
    EXISTS (SELECT 1 FROM actions AS k WHERE k.call_source = d.eventSource AND k.call_name = d.eventName) AS listed
FROM service_activity AS d
LEFT JOIN followed_actions AS f ON d.evidence_id = f.evidence_id AND d.record_index = f.record_index
LEFT JOIN actions AS a ON f.action_id = a.action_id
ORDER BY d.eventTime NULLS LAST, d.eventID, d.evidence_id, d.record_index
