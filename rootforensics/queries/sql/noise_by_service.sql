/*
title    = "What AWS services did as root, by service"
question = "Which services acted as root, how often, and which mark shows it?"
attack   = []
source   = "AWS Knowledge Center on services that act as root; the origins of root-events"
misses   = "Nothing: the counts add up to root-noise."
first    = "account_id service eventName event_count cis_match_count"
columns  = """
account_id origin service eventSource eventName event_count cis_match_count first_time last_time first_eventID
first_citation"""
never_null = "origin event_count cis_match_count first_citation"
[params]
account_id = { type = "VARCHAR", default = "", help = "only this account (12 digits); empty for all" }
[notes]
origin  = "VARCHAR; service, service_event, aws_internal (unmarked)"
service = "VARCHAR; invokedBy, else the source"
*/
SELECT
    account_id,
    origin,
    coalesce(nullif(userIdentity.invokedBy, ''), sourceIPAddress, eventSource) AS service,
    eventSource,
    eventName,
    count(*) AS event_count,
    count(*) FILTER (WHERE cis_match) AS cis_match_count,
    min(eventTime) AS first_time,
    max(eventTime) AS last_time,
    nullif(min_by(coalesce(eventID, ''), row(coalesce(eventTime, TIMESTAMP WITH TIME ZONE '9999-12-31 00:00:00+00:00'), coalesce(eventID, ''), evidence_id, record_index)), '') AS first_eventID,
    min_by(concat(CAST(evidence_id AS VARCHAR), ':', CAST(record_index AS VARCHAR)), row(coalesce(eventTime, TIMESTAMP WITH TIME ZONE '9999-12-31 00:00:00+00:00'), coalesce(eventID, ''), evidence_id, record_index)) AS first_citation
FROM root_noise
WHERE $account_id = '' OR account_id = $account_id
GROUP BY 1, 2, 3, 4, 5
ORDER BY account_id NULLS LAST, origin, event_count DESC, service, eventSource, eventName
