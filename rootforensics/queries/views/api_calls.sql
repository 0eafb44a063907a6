/*
title    = "The events that record one deed each"
question = "Which events are calls, sign-ins or deeds of services, and neither CloudTrail's summaries of others nor withdrawn by a correction?"
attack   = []
source   = "AWS CloudTrail User Guide, record contents of Insights events and of aggregated events (no userIdentity)"
misses   = "What cloudtrail_summaries and superseded_events hold; the three together are all of events. A call that the logs hold only as part of an aggregated event is not here."
uses     = ["superseded_events"]
*/
SELECT
    *,
    -- NULL where the caller is not root. A record whose type was left out may still have the ARN, which only root bears;
    -- a table of the console's event history has the user name alone.
    -- Tools spell a type in small or capital letters, which AWS does not. Any other spelling is a type that nobody knows.
    CASE
        WHEN trim(userIdentity.type) IN ('Root', 'root', 'ROOT') THEN 'userIdentity.type'
        WHEN (lower(trim(userIdentity.type)) = 'federateduser' OR (coalesce(userIdentity.type, '') = '' AND userIdentity.arn LIKE '%:federated-user/%'))
            AND trim(userIdentity.sessionContext.sessionIssuer.type) IN ('Root', 'root', 'ROOT')
            THEN 'sessionIssuer.type'
        -- OCSF has of who opened a session its ARN alone.
        WHEN (lower(trim(userIdentity.type)) = 'federateduser' OR (coalesce(userIdentity.type, '') = '' AND userIdentity.arn LIKE '%:federated-user/%'))
            AND coalesce(userIdentity.sessionContext.sessionIssuer.type, '') = ''
            AND regexp_matches(userIdentity.sessionContext.sessionIssuer.arn, '^arn:aws[a-z-]*:iam::[0-9]{12}:root$')
            THEN 'sessionIssuer.arn'
        WHEN userIdentity.type <> '' THEN NULL
        WHEN regexp_matches(userIdentity.arn, '^arn:aws[a-z-]*:iam::[0-9]{12}:root$') THEN 'userIdentity.arn'
        -- No IAM user can have a blank in its name, but one may be called root.
        WHEN userIdentity.userName = 'AWS ROOT USER' THEN 'userName'
        WHEN userIdentity.userName = 'root'
            AND evidence_id IN (SELECT evidence_id FROM evidence WHERE container LIKE '%event history CSV%') THEN 'userName'
    END AS root_basis
FROM events ANTI JOIN superseded_events USING (evidence_id, record_index)
WHERE NOT (
    (lower(coalesce(eventCategory, '')) IN ('insight', 'aggregated')
        OR lower(coalesce(eventType, '')) IN ('awscloudtrailinsight', 'awsaggregatedevent'))
    -- A summary names nobody. An event that does is a deed, whatever it calls itself.
    AND userIdentity.type IS NULL AND userIdentity.arn IS NULL
)
