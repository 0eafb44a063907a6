/*
title    = "What the logs cover"
question = "Which accounts, Regions and times do the logs in this case cover?"
attack   = []
source   = "AWS CloudTrail User Guide, record contents (recipientAccountId, awsRegion, eventTime)"
misses   = "Gaps inside the period: a Region may be quiet, or its logs may be missing. Accounts and Regions without any event. Insights events and aggregated events, which are not calls (cloudtrail-summaries)."
uses     = ["recorded_hours"]
first    = "account_id awsRegion event_count root_count first_time last_time"
columns  = "account_id awsRegion event_count root_count first_time last_time"
never_null = "root_count"
[params]
account_id = { type = "VARCHAR", default = "", help = "only this account (12 digits); empty for all" }
[notes]
account_id  = "VARCHAR; the account whose root user it is"
awsRegion   = "VARCHAR; NULL if the record has none"
event_count = "BIGINT; events, without CloudTrail's summaries. For files loaded only as far as they relate to root, all counted events, including duplicates. NULL if two extractions, or an extraction and a load, may have counted the same events, or if not all were counted"
root_count  = "BIGINT; of these, attributed to root"
*/
WITH of_root AS (
    SELECT account_id, awsRegion, count(*) AS root_count
    FROM api_calls
    WHERE root_basis IS NOT NULL
    GROUP BY 1, 2
),
recorded AS (
    SELECT
        account_id, region AS awsRegion, CASE WHEN bool_and(is_known) THEN CAST(sum(event_count) AS BIGINT) END AS event_count, min(first_time) AS first_time,
        max(last_time) AS last_time
    FROM recorded_hours
    WHERE $account_id = '' OR account_id = $account_id
    GROUP BY 1, 2
)
SELECT r.account_id, r.awsRegion, r.event_count, coalesce(o.root_count, 0) AS root_count, r.first_time, r.last_time
FROM recorded AS r
LEFT JOIN of_root AS o ON r.account_id IS NOT DISTINCT FROM o.account_id AND r.awsRegion IS NOT DISTINCT FROM o.awsRegion
ORDER BY account_id NULLS LAST, awsRegion NULLS LAST
