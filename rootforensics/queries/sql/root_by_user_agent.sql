/*
title    = "Root activity by user agent"
question = "From which user agents did people use root, and what did each do?"
attack   = ["T1078.004"]
source   = "AWS CloudTrail User Guide, record contents (userAgent)"
misses   = "Root noise, which has services as its source."
[params]
account_id = { type = "VARCHAR", default = "", help = "only this account (12 digits); empty for all" }
[columns]
account_id    = "VARCHAR"
userAgent = "VARCHAR; as recorded, the caller can choose a user agent"
event_count   = "BIGINT; distinct events"
signin_count  = "BIGINT; of these, successful console sign-ins"
write_count   = "BIGINT; of these, writes that succeeded, sign-ins among them; where readOnly is absent, those whose name certainly writes"
error_count   = "BIGINT; of these, what was refused or failed (outcome failure), failed sign-ins among them"
first_time    = "TIMESTAMP WITH TIME ZONE; UTC"
last_time     = "TIMESTAMP WITH TIME ZONE; UTC"
first_eventID = "VARCHAR; the first event, cite this"
first_place   = "VARCHAR; evidence_id:record_index of that event"
*/
SELECT
    account_id,
    userAgent,
    count(*) AS event_count,
    count(*) FILTER (WHERE eventName = 'ConsoleLogin' AND (responseElements->>'$.ConsoleLogin') = 'Success')
        AS signin_count,
    count(*) FILTER (WHERE is_write AND outcome = 'success') AS write_count,
    count(*) FILTER (WHERE outcome = 'failure') AS error_count,
    min(eventTime) AS first_time,
    max(eventTime) AS last_time,
    nullif(min_by(coalesce(eventID, ''), row(coalesce(eventTime, TIMESTAMP WITH TIME ZONE '9999-12-31 00:00:00+00:00'), coalesce(eventID, ''), evidence_id, record_index)), '') AS first_eventID,
    min_by(concat(CAST(evidence_id AS VARCHAR), ':', CAST(record_index AS VARCHAR)), row(coalesce(eventTime, TIMESTAMP WITH TIME ZONE '9999-12-31 00:00:00+00:00'), coalesce(eventID, ''), evidence_id, record_index)) AS first_place
FROM root_activity
WHERE $account_id = '' OR account_id = $account_id
GROUP BY account_id, userAgent
ORDER BY account_id NULLS LAST, first_time NULLS LAST, userAgent
