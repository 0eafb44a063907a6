/*
title    = "Root's calls that the catalogue does not describe"
question = "Which calls did a person make with root that no row of the catalogue of actions describes?"
attack   = []
source   = "The catalogue of actions (rootforensics/rules/catalogue) and root_activity"
misses   = "The meaning of these calls. Other root activity: root-actions and root-unlisted together are all of it."
first    = "eventSource eventName event_count write_count error_count"
columns  = "eventSource eventName write_count write_unknown_count event_count error_count first_time last_time first_eventID first_citation"
never_null = "write_count write_unknown_count event_count error_count first_citation"
[params]
account_id = { type = "VARCHAR", default = "", help = "only this account (12 digits); empty for all" }
[notes]
first_eventID = "VARCHAR; the first such event, cite this"
*/
SELECT
    a.eventSource,
    a.eventName,
    count(*) FILTER (WHERE a.is_write AND a.outcome = 'success') AS write_count,
    count(*) FILTER (WHERE (a.is_write AND a.outcome = 'success') IS NULL) AS write_unknown_count,
    count(*) AS event_count,
    count(*) FILTER (WHERE a.outcome = 'failure') AS error_count,
    min(a.eventTime) AS first_time,
    max(a.eventTime) AS last_time,
    nullif(min_by(coalesce(a.eventID, ''), row(coalesce(a.eventTime, TIMESTAMP WITH TIME ZONE '9999-12-31 00:00:00+00:00'), coalesce(a.eventID, ''), a.evidence_id, a.record_index)), '') AS first_eventID,
    min_by(concat(CAST(a.evidence_id AS VARCHAR), ':', CAST(a.record_index AS VARCHAR)), row(coalesce(a.eventTime, TIMESTAMP WITH TIME ZONE '9999-12-31 00:00:00+00:00'), coalesce(a.eventID, ''), a.evidence_id, a.record_index)) AS first_citation
FROM root_activity AS a
LEFT JOIN root_actions AS k ON a.evidence_id = k.evidence_id AND a.record_index = k.record_index
WHERE k.action_id IS NULL AND ($account_id = '' OR a.account_id = $account_id)
GROUP BY a.eventSource, a.eventName
ORDER BY write_count DESC, write_unknown_count DESC, event_count DESC, eventSource NULLS LAST, eventName NULLS LAST
