/*
title    = "Root activity by user agent"
question = "With which user agents did a person use root, and what was done with each?"
attack   = ["T1078.004"]
source   = "AWS CloudTrail User Guide, record contents (userAgent)"
misses   = "Service activity as root, whose source is a service."
first    = "userAgent account_id event_count signin_count write_count first_time"
columns  = """
account_id userAgent event_count signin_count write_count write_unknown_count error_count first_time last_time
first_eventID first_citation"""
never_null = "event_count signin_count write_count write_unknown_count error_count first_citation"
[params]
account_id = { type = "VARCHAR", default = "", help = "only this account (12 digits); empty for all" }
[notes]
userAgent = "VARCHAR; as recorded; the caller can choose a user agent"
*/
SELECT
    account_id,
    userAgent,
    count(*) AS event_count,
    count(*) FILTER (WHERE eventName = 'ConsoleLogin' AND (responseElements->>'$.ConsoleLogin') = 'Success')
        AS signin_count,
    count(*) FILTER (WHERE is_write AND outcome = 'success') AS write_count,
    count(*) FILTER (WHERE (is_write AND outcome = 'success') IS NULL) AS write_unknown_count,
    count(*) FILTER (WHERE outcome = 'failure') AS error_count,
    min(eventTime) AS first_time,
    max(eventTime) AS last_time,
    nullif(min_by(coalesce(eventID, ''), row(coalesce(eventTime, TIMESTAMP WITH TIME ZONE '9999-12-31 00:00:00+00:00'), coalesce(eventID, ''), evidence_id, record_index)), '') AS first_eventID,
    min_by(concat(CAST(evidence_id AS VARCHAR), ':', CAST(record_index AS VARCHAR)), row(coalesce(eventTime, TIMESTAMP WITH TIME ZONE '9999-12-31 00:00:00+00:00'), coalesce(eventID, ''), evidence_id, record_index)) AS first_citation
FROM root_activity
WHERE $account_id = '' OR account_id = $account_id
GROUP BY account_id, userAgent
ORDER BY account_id NULLS LAST, first_time NULLS LAST, userAgent
