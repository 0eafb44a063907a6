/*
title    = "Root in one table"
question = "How many root events are there, by account and origin, and how do activity and noise add up?"
attack   = ["T1078.004"]
source   = "The origins of root-events"
misses   = "Events outside the case; see evidence-problems for what could not be read."
[params]
account_id = { type = "VARCHAR", default = "", help = "only this account (12 digits); empty for all" }
[columns]
account_id      = "VARCHAR; the account whose root user it is"
side            = "VARCHAR; activity or noise"
origin          = "VARCHAR; who acted"
event_count     = "BIGINT; distinct events"
cis_match_count = "BIGINT; of these, matched by the CIS alarm filter"
cis_untold_count = "BIGINT; of these, those of tables that lack what the filter looks at"
write_count     = "BIGINT; of these, writes that succeeded, sign-ins among them; where readOnly is absent, those whose name certainly writes"
error_count     = "BIGINT; of these, what was refused or failed (outcome failure), failed sign-ins among them"
ip_count        = "BIGINT; distinct source addresses"
first_time      = "TIMESTAMP WITH TIME ZONE; UTC"
last_time       = "TIMESTAMP WITH TIME ZONE; UTC"
*/
SELECT
    account_id,
    side,
    origin,
    count(*) AS event_count,
    count(*) FILTER (WHERE cis_match) AS cis_match_count,
    count(*) FILTER (WHERE cis_match IS NULL) AS cis_untold_count,
    count(*) FILTER (WHERE is_write AND outcome = 'success') AS write_count,
    count(*) FILTER (WHERE outcome = 'failure') AS error_count,
    count(DISTINCT sourceIPAddress) AS ip_count,
    min(eventTime) AS first_time,
    max(eventTime) AS last_time
FROM root_events
WHERE $account_id = '' OR account_id = $account_id
GROUP BY account_id, side, origin
ORDER BY account_id NULLS LAST, side, origin
