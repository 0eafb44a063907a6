/*
title       = "Instances in a Region that was empty before"
severity    = "high"
attack      = ["T1535", "T1496.001"]
explanation = "Root, or an identity that root made, started instances in a Region in which the account's logs hold nothing before, except what root did just before it: mining likes such Regions."
benign      = "The first use of a new Region, by a planned roll-out."
source      = "AWS CloudTrail User Guide, record contents (awsRegion)"
misses      = "Logs that begin late make every Region look empty. Reads by AWS services count as use. Whoever looks around in a Region and starts instances hours later. Nothing is said of a case that was loaded with filters, or where earlier objects of the account and Region could not be read or are listed by digest files and not there: use by others may be what is missing."
[params]
preparing_minutes = { type = "INTEGER", default = 60, help = "what root did in the Region for less than this before is no earlier use of it" }
*/
WITH started AS (
    SELECT *, min(eventTime) OVER (PARTITION BY account_id, awsRegion) AS begun_time
    FROM followed_actions
    WHERE origin_group <> 'noise' AND action_id IN ('ec2-run-instances', 'ec2-run-instances-accelerated', 'ec2-request-spot-instances', 'ec2-request-spot-fleet', 'ec2-create-fleet')
),
-- From when on a Region is not empty: at once by others, by root and what descends from it after its preparations.
used AS (
    SELECT
        account_id, awsRegion,
        min(eventTime + CASE
            WHEN root_basis IS NOT NULL OR lower(coalesce(userIdentity.sessionContext.sessionIssuer.type, '')) = 'root'
                OR (evidence_id, record_index) IN (SELECT (evidence_id, record_index) FROM descendant_events)
                THEN $preparing_minutes ELSE 0
        END * INTERVAL '1' MINUTE) AS used_time
    FROM api_calls
    WHERE awsRegion IN (SELECT awsRegion FROM started)
    GROUP BY 1, 2
)
SELECT
    s.account_id, concat(s.account_id, ' ', s.awsRegion, ' ', s.result) AS thread, s.result = 'attempted' AS attempted,
    s.eventTime, s.eventID, s.evidence_id, s.record_index
FROM started AS s LEFT JOIN used AS u ON s.account_id = u.account_id AND s.awsRegion = u.awsRegion
WHERE NOT EXISTS (
        -- What the evidence lacks of the time before may be what was not seen.
        SELECT 1
        FROM evidence_gaps AS g
        WHERE g.kind <> 'uncompared' AND coalesce(g.account_id, s.account_id) = s.account_id
            AND coalesce(g.region, s.awsRegion) = s.awsRegion AND (g.from_time IS NULL OR g.from_time < s.eventTime)
    )
    AND (u.used_time IS NULL OR u.used_time > s.begun_time)
