/*
title    = "The events that record one action each"
question = "Which events are calls, sign-ins or actions of services, and neither CloudTrail's summaries of others nor withdrawn by a correction?"
attack   = []
source   = "AWS CloudTrail User Guide, record contents of Insights events and of aggregated events (no userIdentity)"
misses   = "What cloudtrail_summaries and superseded_events hold; the three together are all of events. A call that the logs hold only as part of an aggregated event is not here."
uses     = ["superseded_events"]
*/
SELECT
    *,
    -- Who acted, as account/name. What the fields of an identity do not say, its ARN does. A name alone may be a user's.
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
        *,
        -- NULL where the caller is not root. A record whose type was left out may still have the ARN, which only root bears;
        -- a table of the console's event history has the user name alone.
        -- Tools spell a type in small or capital letters, which AWS does not. Any other spelling is a type that nobody knows.
        CASE
            WHEN userIdentity.type IN ('IAMUser', 'AssumedRole', 'AWSAccount', 'AWSService') THEN NULL  -- nearly all
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
        END AS root_basis,
        -- As AWS spells it, however a tool did; where it was left out, as the ARN tells.
        CASE WHEN userIdentity.type IN ('IAMUser', 'AssumedRole', 'FederatedUser', 'AWSAccount', 'AWSService')
            THEN userIdentity.type
        ELSE CASE lower(trim(coalesce(userIdentity.type, '')))
            WHEN 'iamuser' THEN 'IAMUser'
            WHEN 'assumedrole' THEN 'AssumedRole'
            WHEN 'federateduser' THEN 'FederatedUser'
            WHEN 'awsaccount' THEN 'AWSAccount'
            WHEN 'awsservice' THEN 'AWSService'
            WHEN '' THEN CASE
                WHEN userIdentity.arn LIKE '%:user/%' THEN 'IAMUser'
                WHEN userIdentity.arn LIKE '%:assumed-role/%' THEN 'AssumedRole'
                WHEN userIdentity.arn LIKE '%:federated-user/%' THEN 'FederatedUser'
            END
            ELSE userIdentity.type
        END END AS identity_type,
        -- A record that does not say whose identity it is tells where it was recorded.
        coalesce(
            nullif(userIdentity.accountId, ''), nullif(split_part(userIdentity.arn, ':', 5), ''), recipientAccountId
        ) AS identity_account_id,
        -- The console is a person's hand. What names no service of AWS is no reason to take an event for its work.
        CASE
            WHEN regexp_matches(lower(userIdentity.invokedBy), '^([a-z0-9-]+[.])*signin[.]amazonaws[.](com([.]cn)?|eu)$')
                THEN 'console'
            WHEN regexp_matches(lower(userIdentity.invokedBy), '^[a-z0-9.-]+[.]amazonaws[.](com([.]cn)?|eu)$|^aws internal')
                THEN 'service'
        END AS invoker
    FROM events ANTI JOIN superseded_events USING (evidence_id, record_index)
    WHERE NOT (
        (lower(coalesce(eventCategory, '')) IN ('insight', 'aggregated')
            OR lower(coalesce(eventType, '')) IN ('awscloudtrailinsight', 'awsaggregatedevent'))
        -- A summary names nobody. An event that does is an action, whatever it calls itself.
        AND userIdentity.type IS NULL AND userIdentity.arn IS NULL
    )
)
