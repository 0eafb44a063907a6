/*
title       = "Instances launched in a previously unused Region"
attempt     = "Tried to launch instances in a previously unused Region"
severity    = "high"
attack      = ["T1535", "T1496.001"]
explanation = "Root, or an identity that root created, launched instances in a Region without earlier events in the account's logs. Calls that root made there just before are ignored. Cryptomining often uses such Regions."
benign      = "A planned rollout, the first use of a new Region."
source      = "AWS CloudTrail User Guide, record contents (awsRegion)"
misses      = "Logs that begin late make every Region look unused. Reads by AWS services count as use. An actor who explores a Region and launches instances hours later is missed. Nothing is reported for a case loaded with filters. The same applies if earlier files of the account and Region could not be read, or if digest files list them and they are missing: they may contain use by others."
[params]
preparing_minutes = { type = "INTEGER", default = 60, help = "what root did in the Region within this time before the launch does not count as earlier use" }
*/
WITH started AS (
    SELECT *, min(eventTime) OVER (PARTITION BY account_id, awsRegion) AS begun_time
    FROM followed_actions
    WHERE origin_group <> 'noise' AND action_id IN ('ec2-run-instances', 'ec2-run-instances-accelerated', 'ec2-request-spot-instances', 'ec2-request-spot-fleet', 'ec2-create-fleet')
        -- A dry run launches nothing.
        AND coalesce(errorCode, '') NOT LIKE '%DryRunOperation'
),
-- When a Region is first used: immediately by others, after the preparation time by root and what descends from it.
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
        -- Evidence that is missing from the earlier time may contain use by others.
        SELECT 1
        FROM evidence_gaps AS g
        WHERE g.kind <> 'uncompared' AND coalesce(g.account_id, s.account_id) = s.account_id
            AND coalesce(g.region, s.awsRegion) = s.awsRegion AND (g.from_time IS NULL OR g.from_time < s.eventTime)
    )
    AND (u.used_time IS NULL OR u.used_time > s.begun_time)
