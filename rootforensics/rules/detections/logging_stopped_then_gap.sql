/*
title       = "Logging stopped, then a gap in the logs"
severity    = "critical"
attack      = ["T1685.002"]
explanation = "Root, or an identity that root created, stopped or limited the recording of events. Afterward the case contains no events of this account for a long time, although it contains later ones. The logs do not show what was done in the gap."
benign      = "The account is quiet at night. Compare with the same hours of other days, and with digest files."
source      = "AWS CloudTrail API Reference, StopLogging, DeleteTrail, UpdateTrail, PutEventSelectors and UpdateEventDataStore; what a call makes of the recording as control_changes"
misses      = "A gap in only one Region or one kind of event. A second trail that continues fills the gap. A new bucket, key or prefix for a trail, and event selectors that cannot be read, are reported as separate actions. Nothing is reported for a case loaded with filters. The same applies if files of the account and that time could not be read, or if digest files list them and they are missing: they may explain the gap."
[params]
gap_minutes = { type = "INTEGER", default = 60, help = "minimum length of the gap" }
*/
WITH cuts AS (
    SELECT * FROM followed_actions AS a
    WHERE origin_group <> 'noise' AND result <> 'attempted' AND eventSource = 'cloudtrail.amazonaws.com'
        -- Most updates and selectors exclude nothing. Events are recorded even without digest files.
        AND EXISTS (
            SELECT 1
            FROM control_changes AS w
            WHERE w.evidence_id = a.evidence_id AND w.record_index = a.record_index AND w.control IN ('trail', 'event data store')
                AND w.effect IN ('stopped', 'removed', 'narrowed') AND w.part <> 'digests'
        )
),
-- Each time of an event, in accounts whose recording was stopped or limited.
moments AS (
    SELECT DISTINCT account_id, eventTime
    FROM events
    WHERE eventTime IS NOT NULL
        AND account_id IN (SELECT account_id FROM cuts)
),
logs AS (
    SELECT max(eventTime) AS last_time FROM events
)
SELECT
    c.account_id, concat(c.evidence_id, ':', c.record_index) AS thread, false AS attempted, c.eventTime, c.eventID,
    c.evidence_id, c.record_index
FROM cuts AS c
ASOF LEFT JOIN moments AS m ON c.account_id = m.account_id AND c.eventTime < m.eventTime
CROSS JOIN logs AS l
WHERE NOT EXISTS (
        -- Evidence that is missing from that time may contain the events.
        SELECT 1
        FROM evidence_gaps AS g
        WHERE g.kind NOT IN ('uncompared', 'chain_broken') AND coalesce(g.account_id, c.account_id) = c.account_id
            AND (g.from_time IS NULL OR g.from_time <= coalesce(m.eventTime, l.last_time))
            AND (g.until_time IS NULL OR g.until_time >= c.eventTime)
    )
    AND coalesce(m.eventTime, l.last_time) >= c.eventTime + $gap_minutes * INTERVAL '1' MINUTE
