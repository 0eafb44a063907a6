/*
title       = "Logging cut, then silence"
severity    = "critical"
attack      = ["T1685.002"]
explanation = "Root, or an identity that root made, cut the recording of events, and afterwards the logs hold nothing of this account for a long time although the case goes on: whatever was done then is not in it."
benign      = "A quiet account at night. Compare with the same hours of other days, and with digest files."
source      = "AWS CloudTrail API Reference, StopLogging, DeleteTrail, UpdateTrail and PutEventSelectors"
misses      = "Silence of a single Region or kind of event. A second trail that goes on breaks the silence."
[params]
silence_minutes = { type = "INTEGER", default = 60, help = "least length of the silence" }
*/
WITH cuts AS (
    SELECT * FROM followed_actions
    WHERE side <> 'noise' AND (action_id = 'cloudtrail-stop-logging' OR action_id = 'cloudtrail-delete-trail' OR action_id LIKE 'cloudtrail-update-trail%' OR action_id = 'cloudtrail-put-event-selectors' OR action_id = 'cloudtrail-delete-event-data-store' OR action_id = 'cloudtrail-stop-event-data-store-ingestion')
        AND deed <> 'attempted'
),
after AS (
    SELECT
        c.evidence_id, c.record_index,
        min(e.eventTime) FILTER (
            WHERE coalesce(e.recipientAccountId, e.userIdentity.accountId) = c.account_id
        ) AS next_time,
        max(e.eventTime) AS last_time
    FROM cuts AS c INNER JOIN events AS e ON e.eventTime > c.eventTime
    GROUP BY c.evidence_id, c.record_index
)
SELECT
    c.account_id, concat(c.evidence_id, ':', c.record_index) AS thread, false AS attempted, c.eventTime, c.eventID,
    c.evidence_id, c.record_index
FROM cuts AS c INNER JOIN after AS a ON c.evidence_id = a.evidence_id AND c.record_index = a.record_index
WHERE coalesce(a.next_time, a.last_time) >= c.eventTime + $silence_minutes * INTERVAL '1' MINUTE
