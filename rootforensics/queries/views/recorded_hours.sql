/*
title    = "Hours in which something was recorded"
question = "In which hours did the logs record anything of an account and Region, by anybody?"
attack   = []
source   = "The events; of objects of which only what is related to root was taken in, what the load or the engine counted"
misses   = "Copies of an event that were counted and not taken in are told apart from nothing. What a filter left out without counting it."
uses     = ["api_calls", "counted_evidence"]
*/
SELECT
    evidence_id, account_id, region, hour_time, is_management, event_count, read_count, write_count, first_time, last_time,
    low_actor, high_actor
FROM counted_hours SEMI JOIN (FROM counted_evidence WHERE NOT is_copy) USING (evidence_id)
WHERE event_count > 0 AND NOT is_cut
UNION ALL
SELECT
    evidence_id, coalesce(recipientAccountId, userIdentity.accountId) AS account_id, awsRegion AS region,
    date_trunc('hour', eventTime) AS hour_time,
    managementEvent IS DISTINCT FROM false AND coalesce(eventCategory, 'Management') = 'Management' AS is_management,
    count(*) AS event_count, count(*) FILTER (WHERE NOT is_write) AS read_count, count(*) FILTER (WHERE is_write) AS write_count,
    min(eventTime) AS first_time, max(eventTime) AS last_time,
    min(coalesce(userIdentity.arn, userIdentity.invokedBy, userIdentity.userName, '')) AS low_actor,
    max(coalesce(userIdentity.arn, userIdentity.invokedBy, userIdentity.userName, '')) AS high_actor
FROM api_calls
WHERE evidence_id NOT IN (SELECT evidence_id FROM counted_evidence)
    OR (evidence_id, recipientAccountId, awsRegion, date_trunc('hour', eventTime)) IN (
        SELECT (evidence_id, account_id, region, hour_time) FROM counted_hours WHERE is_cut
    )
GROUP BY ALL
