/*
title    = "The events that record one deed each"
question = "Which events are calls, sign-ins or deeds of services, and not CloudTrail's summaries of others?"
attack   = []
source   = "AWS CloudTrail User Guide, record contents of Insights events and of aggregated events (no userIdentity)"
misses   = "What cloudtrail_summaries holds; the two together are all of events. A call that the logs hold only as part of an aggregated event is not here."
*/
SELECT *
FROM events
WHERE NOT (
    (lower(coalesce(eventCategory, '')) IN ('insight', 'aggregated')
        OR lower(coalesce(eventType, '')) IN ('awscloudtrailinsight', 'awsaggregatedevent'))
    -- A summary names nobody. An event that does is a deed, whatever it calls itself.
    AND userIdentity.type IS NULL
)
