/*
title    = "Events that a correction replaced"
question = "Which events did AWS correct, and which record counts instead of each?"
attack   = []
source   = "AWS CloudTrail User Guide, record contents (addendum: reason UPDATED_DATA, originalEventID, originalRequestID)"
misses   = "Corrections of corrections of corrections, and corrections that name themselves or an event of a different account, call or identity: they count in addition to the event that they name (addenda lists them)."
*/
WITH corrections AS (
    SELECT
        evidence_id, record_index, eventID, service, action, userIdentity.type AS who_type, userIdentity.arn AS who,
        account_id,
        coalesce(addendum.originalEventID, '') AS original_id, coalesce(addendum.originalRequestID, '') AS original_request
    FROM events
    WHERE addendum.reason = 'UPDATED_DATA'
),
-- The target of a correction, if it is a record of the same call by the same identity in the same account.
named AS (
    SELECT
        c.evidence_id, c.record_index, o.evidence_id AS original_evidence, o.record_index AS original_index,
        o.eventID AS named_id, coalesce(o.addendum.reason, '') = 'UPDATED_DATA' AS is_correction
    FROM corrections AS c
    INNER JOIN events AS o ON c.original_id = o.eventID
    WHERE c.original_id <> '' AND c.service = o.service AND c.action = o.action
        AND c.account_id = o.account_id
        AND c.who IS NOT DISTINCT FROM o.userIdentity.arn AND c.who_type IS NOT DISTINCT FROM o.userIdentity.type
    UNION ALL
    -- A request may have caused several events: exactly one must match.
    SELECT *
    FROM (
        SELECT
            c.evidence_id, c.record_index, o.evidence_id AS original_evidence, o.record_index AS original_index,
            coalesce(o.eventID, concat(o.evidence_id, ':', o.record_index)) AS named_id, false AS is_correction
        FROM corrections AS c
        INNER JOIN events AS o ON c.original_request = o.requestID
        WHERE c.original_id = '' AND c.original_request <> '' AND c.service = o.service AND c.action = o.action
            AND coalesce(o.addendum.reason, '') <> 'UPDATED_DATA'
            AND c.account_id = o.account_id
            AND c.who IS NOT DISTINCT FROM o.userIdentity.arn AND c.who_type IS NOT DISTINCT FROM o.userIdentity.type
        QUALIFY count(*) OVER (PARTITION BY c.evidence_id, c.record_index) = 1
    )
),
-- All corrections of one event, including corrections of corrections. They start from an event that corrects nothing,
-- so corrections in a ring cannot withdraw each other.
direct AS (
    SELECT evidence_id, record_index, min(named_id) AS root_id, 1 AS level FROM named WHERE NOT is_correction GROUP BY ALL
),
every AS (
    SELECT evidence_id, record_index, root_id, level FROM direct
    UNION ALL
    SELECT n.evidence_id, n.record_index, min(d.root_id), 2
    FROM named AS n
    INNER JOIN direct AS d ON n.original_evidence = d.evidence_id AND n.original_index = d.record_index
    WHERE n.is_correction
    GROUP BY n.evidence_id, n.record_index
),
-- The last delivered one counts.
standing AS (
    SELECT e.root_id, e.evidence_id, e.record_index
    FROM every AS e
    LEFT JOIN evidence AS t ON e.evidence_id = t.evidence_id
    QUALIFY row_number() OVER (
        PARTITION BY e.root_id ORDER BY t.delivery_time DESC NULLS LAST, e.level DESC, e.evidence_id DESC, e.record_index DESC
    ) = 1
),
gone AS (
    SELECT n.original_evidence AS evidence_id, n.original_index AS record_index, e.root_id
    FROM named AS n
    INNER JOIN every AS e ON n.evidence_id = e.evidence_id AND n.record_index = e.record_index
    WHERE NOT n.is_correction
    UNION
    SELECT evidence_id, record_index, root_id FROM every
)
SELECT
    g.evidence_id, g.record_index, min(s.evidence_id) AS by_evidence_id, min(s.record_index) AS by_record_index
FROM gone AS g
INNER JOIN standing AS s ON g.root_id = s.root_id
WHERE g.evidence_id <> s.evidence_id OR g.record_index <> s.record_index
GROUP BY g.evidence_id, g.record_index
