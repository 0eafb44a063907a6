/*
title    = "Coverage by hour"
question = "Does the case cover each hour of each account and Region: with events, proven quiet, with missing logs, or unknown?"
attack   = ["T1562.008"]
source   = "coverage-spans, hour by hour"
misses   = "The same as coverage-spans."
uses     = ["root_descendants"]
first    = "hour_time account_id region state"
columns  = "account_id region hour_time state proven_by"
never_null = "account_id region hour_time state"
[params]
account_id = { type = "VARCHAR", default = "", help = "only this account (12 digits); empty for all" }
[notes]
account_id = "VARCHAR; the account whose log it is"
region     = "VARCHAR"
hour_time  = "TIMESTAMP WITH TIME ZONE; start of the hour, UTC"
state      = "VARCHAR; as coverage-spans names it"
proven_by  = "VARCHAR; digests or history; NULL if nothing proves that no event is missing"
*/
SELECT account_id, region, unnest(generate_series(from_time, until_time - INTERVAL '1' HOUR, INTERVAL '1' HOUR)) AS hour_time, state, proven_by
FROM coverage_spans
WHERE $account_id = '' OR account_id = $account_id
ORDER BY account_id, region, hour_time
