/*
question = "Which calls of root and its descendants are not in the catalogue of actions but may have changed something?"
misses   = "Reads. Whether a call without a recorded outcome changed anything."
uses     = ["descendant_events"]
columns  = """
account_id eventTime eventSource eventName result certainty listed costs exposes eventID evidence_id record_index"""
never_null = "result certainty listed evidence_id record_index"
[notes]
account_id = "VARCHAR; where it was recorded"
result     = "VARCHAR; succeeded or unknown"
certainty  = "VARCHAR; certain or possible: whether it descends from root"
listed     = "BOOLEAN; false"
costs      = "VARCHAR; NULL"
exposes    = "VARCHAR; NULL"
*/
SELECT
    e.account_id, e.eventTime, e.eventSource, e.eventName,
    CASE WHEN e.outcome = 'success' THEN 'succeeded' ELSE 'unknown' END AS result, e.certainty, false AS listed,
    NULL::VARCHAR AS costs, NULL::VARCHAR AS exposes, e.eventID, e.evidence_id, e.record_index
FROM (
    SELECT account_id, eventTime, eventSource, eventName, is_write, outcome, 'certain' AS certainty, eventID,
        evidence_id, record_index
    FROM root_activity
    UNION ALL
    SELECT account_id, eventTime, eventSource, eventName, is_write, outcome, certainty, eventID, evidence_id,
        record_index
    FROM descendant_events
) AS e
WHERE e.outcome IS DISTINCT FROM 'failure' AND e.eventSource IS DISTINCT FROM 'signin.amazonaws.com'
    -- Opening a session is not an action in itself.
    AND NOT coalesce(e.eventSource = 'rolesanywhere.amazonaws.com' AND e.eventName = 'CreateSession', false)
    AND e.is_write IS DISTINCT FROM false
    AND NOT EXISTS (SELECT 1 FROM actions AS a WHERE a.call_source = e.eventSource AND a.call_name = e.eventName)
ORDER BY e.eventTime NULLS LAST, e.eventID
