/*
title    = "Hours in which something was recorded"
question = "In which hours did the logs record anything of an account and Region, by anybody?"
attack   = []
source   = "The events; of objects of which only what is related to root was taken in, what the load or the engine counted"
misses   = "Copies of an event that were counted and not taken in are told apart from nothing, but for an hour that an extraction counted and what else is in the case holds, too (is_repeated). What a filter left out without counting it."
uses     = ["api_calls", "counted_evidence"]
*/
WITH told AS (
    SELECT
        evidence_id, account_id, region, hour_time, is_management, event_count, read_count, write_count, first_time, last_time,
        low_actor, high_actor, if(is_extracted, evidence_id, -1) AS counted_by
    FROM counted_hours JOIN (FROM counted_evidence WHERE NOT is_copy) AS c USING (evidence_id)
    WHERE event_count > 0 AND NOT counted_hours.is_cut
    UNION ALL
    SELECT
        evidence_id, coalesce(recipientAccountId, userIdentity.accountId) AS account_id, awsRegion AS region,
        date_trunc('hour', eventTime) AS hour_time,
        managementEvent IS DISTINCT FROM false AND coalesce(eventCategory, 'Management') = 'Management' AS is_management,
        count(*) AS event_count, count(*) FILTER (WHERE NOT is_write) AS read_count, count(*) FILTER (WHERE is_write) AS write_count,
        min(eventTime) AS first_time, max(eventTime) AS last_time,
        min(coalesce(userIdentity.arn, userIdentity.invokedBy, userIdentity.userName, '')) AS low_actor,
        max(coalesce(userIdentity.arn, userIdentity.invokedBy, userIdentity.userName, '')) AS high_actor,
        if(evidence_id IN (SELECT evidence_id FROM evidence WHERE contains(filters::VARCHAR, 'root_related')), -1, 0)
    FROM api_calls
    WHERE evidence_id NOT IN (SELECT evidence_id FROM counted_evidence)
        OR (evidence_id, recipientAccountId, awsRegion, date_trunc('hour', eventTime)) IN (
            SELECT (evidence_id, account_id, region, hour_time) FROM counted_hours WHERE is_cut
        )
    GROUP BY ALL
),
-- An extraction counts all of an hour, and so may another, or a load of everything: who counted most stands for it. What
-- is loaded of single objects beside it, for the engine cannot read them, is counted by no extraction.
summed AS (
    SELECT *, sum(event_count) OVER (PARTITION BY account_id, region, hour_time, is_management, counted_by) AS all_count
    FROM told
)
SELECT * EXCLUDE (all_count, counted_by), counted_by >= 0 AND counted_by <> first_value(counted_by) OVER (
    PARTITION BY account_id, region, hour_time, is_management ORDER BY counted_by < 0, all_count DESC, counted_by
) AS is_repeated
FROM summed
