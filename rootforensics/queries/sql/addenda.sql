/*
title    = "Records that AWS corrected or delivered late"
question = "Which records have an addendum, which records do they replace, and which of them count?"
attack   = []
source   = "AWS CloudTrail User Guide, record contents (addendum: DELIVERY_DELAY, UPDATED_DATA, SERVICE_OUTAGE)"
misses   = "Changes outside the fields that a correction names (compare both records with raw). Delays of alarms that late events caused. Insights and aggregated events with an addendum, which count unchanged."
first    = "eventTime account_id eventName state reason eventID"
columns  = """
eventTime account_id eventSource eventName errorCode state reason updated_fields actor original_eventID
original_requestID by_eventID by_place eventID evidence_id record_index"""
never_null = "state evidence_id record_index"
[params]
account_id = { type = "VARCHAR", default = "", help = "only this account (12 digits); empty for all" }
[notes]
state              = "VARCHAR; superseded (a correction counts instead), correction (counts instead of others), alone (the record it corrects is not in the case, so it counts), not_followed (it names itself, a correction, or a record of a different call, identity or account, so both count), late (delivered late, the only one)"
reason             = "VARCHAR; of the addendum; NULL for a record that has none and is superseded"
updated_fields     = "VARCHAR; which fields AWS says it changed"
actor              = "VARCHAR; ARN"
original_eventID   = "VARCHAR; what it corrects, as the addendum says"
original_requestID = "VARCHAR; the request that it corrects, as the addendum says"
by_eventID         = "VARCHAR; for a superseded record, the event that counts instead"
by_place           = "VARCHAR; evidence_id:record_index of that event"
*/
WITH marked AS (
    SELECT
        e.eventTime, e.account_id, e.service AS eventSource, e.action AS eventName,
        e.errorCode, e.addendum.reason AS reason, e.addendum.updatedFields AS updated_fields, e.userIdentity.arn AS actor,
        e.addendum.originalEventID AS original_eventID, e.addendum.originalRequestID AS original_requestID,
        s.by_evidence_id, s.by_record_index, e.eventID, e.evidence_id, e.record_index
    FROM events AS e
    LEFT JOIN superseded_events AS s ON e.evidence_id = s.evidence_id AND e.record_index = s.record_index
    WHERE e.addendum IS NOT NULL OR s.by_evidence_id IS NOT NULL
)
SELECT
    m.eventTime, m.account_id, m.eventSource, m.eventName, m.errorCode,
    CASE
        WHEN m.by_evidence_id IS NOT NULL THEN 'superseded'
        WHEN m.reason IS DISTINCT FROM 'UPDATED_DATA' THEN 'late'
        WHEN (m.evidence_id, m.record_index) IN (SELECT (by_evidence_id, by_record_index) FROM superseded_events) THEN 'correction'
        WHEN m.original_eventID IN (SELECT eventID FROM events SEMI JOIN (SELECT original_eventID AS eventID FROM marked) USING (eventID))
            OR (coalesce(m.original_eventID, '') = '' AND m.original_requestID IN (
                SELECT requestID FROM events SEMI JOIN (SELECT original_requestID AS requestID FROM marked) USING (requestID)
                WHERE addendum IS NULL
            )) THEN 'not_followed'
        ELSE 'alone'
    END AS state,
    m.reason, m.updated_fields, m.actor, m.original_eventID, m.original_requestID, b.eventID AS by_eventID,
    CASE WHEN m.by_evidence_id IS NOT NULL THEN concat(m.by_evidence_id, ':', m.by_record_index) END AS by_place,
    m.eventID, m.evidence_id, m.record_index
FROM marked AS m
LEFT JOIN events AS b ON m.by_evidence_id = b.evidence_id AND m.by_record_index = b.record_index
WHERE $account_id = '' OR m.account_id = $account_id
ORDER BY m.eventTime NULLS LAST, m.eventID, m.evidence_id, m.record_index
