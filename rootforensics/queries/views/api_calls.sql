/*
title    = "Events that record one action each"
question = "Which events are calls, sign-ins or actions of services, and neither CloudTrail's summaries nor withdrawn by a correction?"
attack   = []
source   = "AWS CloudTrail User Guide, record contents of Insights events and of aggregated events (no userIdentity)"
misses   = "Events in cloudtrail_summaries and superseded_events: the three together are all of events. Calls that the logs contain only as part of an aggregated event."
uses     = ["superseded_events"]
*/
SELECT
    *,
    -- The actor as account/name, from the fields of the identity or else from its ARN. A name alone may be a user's.
    CASE WHEN identity_type = 'IAMUser' OR (identity_type IS NULL AND root_basis IS NULL) THEN
        coalesce(identity_account_id, '') || '/' || coalesce(
            nullif(userIdentity.userName, ''), nullif(regexp_extract(userIdentity.arn, ':user/(?:.*/)?([^/]+)$', 1), ''))
    END AS acting_user,
    CASE WHEN identity_type = 'AssumedRole' THEN
        coalesce(nullif(userIdentity.sessionContext.sessionIssuer.accountId, ''), identity_account_id, '') || '/' || coalesce(
            nullif(userIdentity.sessionContext.sessionIssuer.userName, ''),
            nullif(regexp_extract(userIdentity.arn, ':assumed-role/([^/]+)/', 1), ''))
    END AS acting_role
FROM (
    SELECT
        -- Service and name as AWS spells them, here and in all views based on this one; events has them as recorded.
        * REPLACE (service AS eventSource, action AS eventName),
        -- A record without an account of the identity counts for the account that recorded it, except for callers from
        -- other accounts. The rule for a valid account ID is that of account_id in events, on columns that engines have
        -- as well.
        coalesce(
            CASE WHEN regexp_matches(userIdentity.accountId, '^[0-9]{12}$') THEN userIdentity.accountId
                ELSE lpad(nullif(regexp_extract(userIdentity.accountId, '^ *([0-9]{1,12})([.]0)? *$', 1), ''), 12, '0') END,
            lpad(nullif(regexp_extract(split_part(userIdentity.arn, ':', 5), '^ *([0-9]{1,12})([.]0)? *$', 1), ''), 12, '0'),
            CASE WHEN identity_type = 'AWSAccount' THEN NULL
                WHEN regexp_matches(recipientAccountId, '^[0-9]{12}$') THEN recipientAccountId
                ELSE lpad(nullif(regexp_extract(recipientAccountId, '^ *([0-9]{1,12})([.]0)? *$', 1), ''), 12, '0') END
        ) AS identity_account_id
    FROM events ANTI JOIN superseded_events USING (evidence_id, record_index)
    WHERE NOT (
        (lower(coalesce(eventCategory, '')) IN ('insight', 'aggregated')
            OR lower(coalesce(eventType, '')) IN ('awscloudtrailinsight', 'awsaggregatedevent'))
        -- A summary names no identity. An event that names one is an action, whatever its type.
        AND userIdentity.type IS NULL AND userIdentity.arn IS NULL
    )
)
