/*
title    = "Problems with the evidence"
question = "What is damaged, unusual or contradictory in the loaded evidence?"
attack   = []
source   = "The ledger of this case; AWS CloudTrail User Guide on duplicate delivery"
misses   = "Files that were never given to this case, and content that was changed before it was loaded (verify the digest files for that)."
uses     = ["cloudtrail_summaries", "api_calls"]
*/
WITH conflicting AS (
    SELECT eventID
    FROM events
    -- Hashes first: they take a fraction of the memory and time of the IDs.
    WHERE eventID IS NOT NULL AND hash(eventID) IN (SELECT hash(eventID) FROM events GROUP BY 1 HAVING count(*) > 1)
    GROUP BY eventID
    HAVING count(*) > 1
)
SELECT 'object_' || status AS kind, evidence_id, CAST(NULL AS INTEGER) AS record_index, uri,
    CAST(NULL AS VARCHAR) AS eventID, problem
FROM evidence
WHERE status IN ('damaged', 'unreadable', 'unsupported', 'duplicate')
    OR (status NOT IN ('digest') AND problem IS NOT NULL)
UNION ALL
SELECT 'event_id_conflict', evidence_id, record_index, uri, events.eventID,
    'events with different content have this eventID; all of them were kept'
FROM events INNER JOIN conflicting ON events.eventID = conflicting.eventID LEFT JOIN evidence USING (evidence_id)
UNION ALL
SELECT 'no_event_time', evidence_id, record_index, evidence.uri, events.eventID,
    'no usable eventTime; the event is in no time range and in no chart'
FROM events LEFT JOIN evidence USING (evidence_id) WHERE eventTime IS NULL
    -- An aggregated event has a window instead.
    AND NOT EXISTS (
        SELECT 1 FROM cloudtrail_summaries AS s
        WHERE s.evidence_id = events.evidence_id AND s.record_index = events.record_index
            AND s.window_start_time IS NOT NULL
    )
UNION ALL
SELECT 'no_event_id', evidence_id, record_index, evidence.uri, events.eventID,
    'no usable eventID; cite it by evidence_id and record_index'
FROM events LEFT JOIN evidence USING (evidence_id) WHERE events.eventID IS NULL
UNION ALL
SELECT 'record_problem', evidence_id, record_index, evidence.uri, events.eventID, record_problem
FROM events LEFT JOIN evidence USING (evidence_id) WHERE record_problem IS NOT NULL
UNION ALL
SELECT
    CASE WHEN inferred IS NULL THEN 'no_event_source' ELSE 'inferred_source' END, evidence_id, NULL, any_value(evidence.uri), NULL,
    format(CASE WHEN inferred IS NULL
        THEN '{:,} of its events have no eventSource, and their names do not tell it: what root did by them is not known'
        ELSE '{:,} of its events have no eventSource; it was inferred from the name of the call and what it names' END, count(*))
FROM api_calls LEFT JOIN evidence USING (evidence_id)
WHERE inferred = 'eventSource' OR coalesce(eventSource, '') = ''
GROUP BY evidence_id, inferred
UNION ALL
SELECT 'other_spelling', evidence_id, NULL, any_value(evidence.uri), NULL,
    format('{:,} of its events spell service or name otherwise than AWS; rules read them as AWS spells them', count(*))
FROM events LEFT JOIN evidence USING (evidence_id)
-- AWS itself adds API versions to names; the pattern is that of rootforensics/ingest/spelling.py.
WHERE service <> eventSource
    OR action <> regexp_replace(eventName, '\B_?20[0-9][0-9]_?[01][0-9]_?[0-3][0-9]([vV][0-9]+)?$', '')
GROUP BY evidence_id
UNION ALL
SELECT 'unknown_identity', evidence_id, record_index, t.uri, c.eventID,
    CASE WHEN c.userIdentity.arn LIKE '%:federated-user/%' THEN 'the federated session names nobody who asked for it; whether it is root''s cannot be told'
        WHEN c.userIdentity.type <> '' THEN 'the identity has a type that does not tell who acted; whether it is root''s cannot be told'
        WHEN lower(c.userIdentity.userName) = 'root' AND coalesce(c.userIdentity.arn, '') = ''
            THEN 'the identity has neither type nor ARN, and a name that root''s may be in another spelling; whether it is root''s cannot be told'
        WHEN c.userIdentity.arn <> '' THEN 'the identity has no type, and an ARN that root''s may be in another spelling; whether it is root''s cannot be told'
        ELSE 'the identity has neither type nor ARN; whether it is root''s cannot be told' END
FROM api_calls AS c LEFT JOIN evidence AS t USING (evidence_id)
WHERE c.root_basis IS NULL AND CASE
        WHEN lower(trim(c.userIdentity.type)) = 'federateduser' OR (coalesce(c.userIdentity.type, '') = '' AND c.userIdentity.arn LIKE '%:federated-user/%')
            THEN coalesce(nullif(c.userIdentity.sessionContext.sessionIssuer.type, ''), c.userIdentity.sessionContext.sessionIssuer.arn, '') = ''
        WHEN c.userIdentity.type <> '' THEN lower(trim(c.userIdentity.type)) NOT IN (
            'iamuser', 'assumedrole', 'role', 'federateduser', 'directory', 'awsaccount', 'awsservice', 'samluser',
            'webidentityuser', 'identitycenteruser'
        ) AND (lower(trim(c.userIdentity.type)) <> 'unknown' OR EXISTS (
            -- CloudTrail could not determine the actor: this is normal for IAM Identity Center and other services
            -- without root activity.
            SELECT 1 FROM actions AS a WHERE a.of_root AND a.call_source = c.eventSource AND a.call_name = c.eventName
        ) OR regexp_matches(c.userIdentity.arn, '(?i):root\s*$'))
        ELSE coalesce(c.userIdentity.arn, '') = '' OR regexp_matches(c.userIdentity.arn, '(?i):root\s*$') END
    -- Services act without a type. Tables without the columns, and the event history, are reported as a whole.
    AND c.invoker IS DISTINCT FROM 'service' AND lower(coalesce(c.eventType, '')) <> 'awsserviceevent'
    AND NOT coalesce(regexp_matches(regexp_replace(c.record_problem, 'as another tool spelled it, and read: [^;]*', ''), 'userIdentity([^.]|[.](type|arn|principalId|accountId|accessKeyId|userName|invokedBy|sessionContext|onBehalfOf))'), false)
    AND (coalesce(t.container, '') NOT LIKE '%event history CSV%' OR coalesce(lower(c.userIdentity.userName), '') = 'root')
    AND NOT (t.lacking IS NOT NULL AND list_contains(t.lacking, 'userIdentity.type') AND list_contains(t.lacking, 'userIdentity.arn'))
