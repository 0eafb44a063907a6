/*
title       = "Instances in a Region that was empty before"
severity    = "high"
attack      = ["T1535", "T1496.001"]
explanation = "Root, or an identity that root made, started instances in a Region in which the account's logs hold nothing by anybody else before: mining likes such Regions."
benign      = "The first use of a new Region, by a planned roll-out."
source      = "AWS CloudTrail User Guide, record contents (awsRegion)"
misses      = "Logs that begin late make every Region look empty. Reads by AWS services count as use. Nothing is said of a case that was loaded with filters, or where objects of the account and Region could not be read: use by others may be what is missing."
*/
WITH started AS (
    SELECT * FROM followed_actions
    WHERE side <> 'noise' AND action_id IN ('ec2-run-instances', 'ec2-run-instances-accelerated', 'ec2-request-spot-instances', 'ec2-request-spot-fleet', 'ec2-create-fleet')
),
others AS (
    SELECT coalesce(recipientAccountId, userIdentity.accountId) AS account_id, awsRegion, min(eventTime) AS first_time
    FROM api_calls
    WHERE awsRegion IN (SELECT awsRegion FROM started) AND root_basis IS NULL
        AND lower(coalesce(userIdentity.sessionContext.sessionIssuer.type, '')) <> 'root'
        AND (evidence_id, record_index) NOT IN (SELECT (evidence_id, record_index) FROM descendant_events)
    GROUP BY 1, 2
)
SELECT
    s.account_id, concat(s.account_id, ' ', s.awsRegion, ' ', s.deed) AS thread, s.deed = 'attempted' AS attempted,
    s.eventTime, s.eventID, s.evidence_id, s.record_index
FROM started AS s LEFT JOIN others AS o ON s.account_id = o.account_id AND s.awsRegion = o.awsRegion
WHERE NOT EXISTS (
        -- What was left out or could not be read may be what was not seen.
        SELECT 1
        FROM evidence
        WHERE coalesce(filtered_count, 0) > 0 OR CAST(filters AS VARCHAR) NOT IN ('[{}]', '[]')
            OR (status IN ('damaged', 'unreadable') AND coalesce(evidence.account_id, s.account_id) = s.account_id
            AND coalesce(region, s.awsRegion) = s.awsRegion)
    )
    AND (o.first_time IS NULL OR o.first_time > s.eventTime)
