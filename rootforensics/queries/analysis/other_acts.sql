/*
question = "What do these calls of identities that do not descend from root mean?"
misses   = "Calls that only an engine's extraction left out."
uses     = ["matched_actions", "api_calls"]
columns  = """
account_id eventTime eventSource eventName result severity act category errorCode sourceIPAddress requestParameters eventID
evidence_id record_index"""
never_null = "result severity category evidence_id record_index"
[params]
citations = { type = "VARCHAR[]", default = [], help = "the calls, as evidence_id:record_index" }
[notes]
account_id = "VARCHAR; where it was recorded"
result     = "VARCHAR; succeeded, attempted or unknown"
severity   = "VARCHAR; of the catalogue of actions; info if it does not list the call"
act        = "VARCHAR; the action as an infinitive, with its object in braces; NULL if the catalogue does not list it"
category   = "VARCHAR; of the catalogue; empty if it does not list the call"
errorCode  = "VARCHAR"
*/
WITH wanted AS MATERIALIZED (
    SELECT CAST(split_part(citation, ':', 1) AS INTEGER) AS evidence_id, CAST(split_part(citation, ':', 2) AS INTEGER) AS record_index
    FROM (SELECT unnest($citations::VARCHAR[]) AS citation)
)
SELECT
    e.account_id, e.eventTime, e.eventSource, e.eventName,
    CASE e.outcome WHEN 'success' THEN 'succeeded' WHEN 'failure' THEN 'attempted' ELSE 'unknown' END AS result,
    coalesce(m.severity, a.severity, 'info') AS severity, coalesce(m.act, a.act) AS act,
    coalesce(m.category, a.category, '') AS category,
    e.errorCode, e.sourceIPAddress, e.requestParameters, e.eventID, e.evidence_id, e.record_index
FROM api_calls AS e INNER JOIN wanted AS w ON e.evidence_id = w.evidence_id AND e.record_index = w.record_index
LEFT JOIN (SELECT * FROM matched_actions WHERE origin_group IN ('other', 'opening')) AS m ON w.evidence_id = m.evidence_id AND w.record_index = m.record_index
-- The view judges no call by others whose name is only in rows below high; the row without a condition is true of each.
LEFT JOIN (SELECT * FROM actions WHERE condition_count = 0 AND NOT of_root) AS a ON e.eventSource = a.call_source AND e.eventName = a.call_name
ORDER BY e.eventTime NULLS LAST, e.eventID, e.evidence_id, e.record_index
