/*
title    = "What the logs cover"
question = "Which accounts, Regions and times do the logs in this case cover?"
attack   = []
source   = "AWS CloudTrail User Guide, record contents (recipientAccountId, awsRegion, eventTime)"
misses   = "Gaps inside the span: a Region may be quiet, or its logs may be missing. Accounts and Regions without any event; Insights events and aggregated events, which are no calls (cloudtrail-summaries)."
first    = "account_id awsRegion event_count root_count first_time last_time"
columns  = "account_id awsRegion event_count root_count first_time last_time"
[params]
account_id = { type = "VARCHAR", default = "", help = "only this account (12 digits); empty for all" }
[notes]
account_id  = "VARCHAR; the account whose root user it is"
awsRegion   = "VARCHAR; NULL where the record has none"
event_count = "BIGINT; distinct events, without CloudTrail's summaries"
root_count  = "BIGINT; of these, attributed to root"
*/
SELECT
    coalesce(recipientAccountId, userIdentity.accountId) AS account_id,
    awsRegion,
    count(*) AS event_count,
    count(*) FILTER (WHERE root_basis IS NOT NULL) AS root_count,
    min(eventTime) AS first_time,
    max(eventTime) AS last_time
FROM api_calls
WHERE $account_id = '' OR coalesce(recipientAccountId, userIdentity.accountId) = $account_id
GROUP BY 1, 2
ORDER BY account_id NULLS LAST, awsRegion NULLS LAST
