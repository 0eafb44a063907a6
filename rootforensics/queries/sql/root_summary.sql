/*
title    = "Root summary"
question = "How many root events are there by account and origin, and how do activity and service activity add up?"
attack   = ["T1078.004"]
source   = "The origins of root-events"
misses   = "Events outside the case. Evidence that could not be read (evidence-problems)."
first    = "account_id origin_group origin event_count write_count error_count"
columns  = """
account_id origin_group origin event_count cis_match_count cis_unknown_count write_count write_unknown_count error_count
ip_count first_time last_time"""
never_null = """
origin_group origin event_count cis_match_count cis_unknown_count write_count write_unknown_count error_count ip_count"""
[params]
account_id = { type = "VARCHAR", default = "", help = "only this account (12 digits); empty for all" }
[notes]
account_id       = "VARCHAR; the account whose root user it is"
origin           = "VARCHAR; who acted"
cis_unknown_count = "BIGINT; of these, those from tables that lack what the filter checks"
*/
SELECT
    account_id,
    origin_group,
    origin,
    count(*) AS event_count,
    count(*) FILTER (WHERE cis_match) AS cis_match_count,
    count(*) FILTER (WHERE cis_match IS NULL) AS cis_unknown_count,
    count(*) FILTER (WHERE is_write AND outcome = 'success') AS write_count,
    count(*) FILTER (WHERE (is_write AND outcome = 'success') IS NULL) AS write_unknown_count,
    count(*) FILTER (WHERE outcome = 'failure') AS error_count,
    count(DISTINCT sourceIPAddress) AS ip_count,
    min(eventTime) AS first_time,
    max(eventTime) AS last_time
FROM root_events
WHERE $account_id = '' OR account_id = $account_id
GROUP BY account_id, origin_group, origin
ORDER BY account_id NULLS LAST, origin_group, origin
