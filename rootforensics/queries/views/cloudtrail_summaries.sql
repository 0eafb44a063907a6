/*
title    = "What CloudTrail sums up by itself"
question = "Which events are no deeds, but say how often others happened?"
attack   = []
source   = "AWS CloudTrail User Guide, record contents of Insights events (for trails and for event data stores) and of aggregated events"
misses   = "The deeds that are summed up: they are in the case only if their own logs are. Insights and aggregation work only where they were switched on."
*/
SELECT
    *,
    CASE
        WHEN lower(eventCategory) = 'aggregated' OR lower(eventType) = 'awsaggregatedevent' THEN 'aggregated'
        ELSE 'insight'
    END AS kind,
    coalesce(nullif(recipientAccountId, ''), accountId) AS account_id
FROM events
WHERE (lower(coalesce(eventCategory, '')) IN ('insight', 'aggregated')
        OR lower(coalesce(eventType, '')) IN ('awscloudtrailinsight', 'awsaggregatedevent'))
    AND userIdentity.type IS NULL
