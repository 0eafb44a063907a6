/*
title    = "Gaps in the evidence"
question = "Which files were excluded in part, unreadable, changed, or listed in a digest but missing? Where are digest chains broken, and which times are affected?"
attack   = []
source   = "The ledger of the case, and what verify found; AWS CloudTrail User Guide, digest file structure and CloudTrail log file name format"
uses     = ["whole_contents", "account_begins", "missing_logs", "modified_logs"]
misses   = "Logs that nothing names: only a name shows that a log is missing. Breaks in digest chains, before verify is run. The content of a filter: it counts as a gap everywhere, whatever it includes."
*/
-- CloudTrail delivers within minutes, and late events within the hour: a log contains earlier events.
SELECT
    'damaged' AS kind, account_id, region, delivery_time - INTERVAL '1' HOUR AS from_time, delivery_time AS until_time,
    1 AS object_count, uri, evidence_id
FROM evidence
WHERE status IN ('damaged', 'unreadable')
UNION ALL
SELECT 'modified', e.account_id, e.region, e.delivery_time - INTERVAL '1' HOUR, e.delivery_time, 1, e.uri, e.evidence_id
FROM evidence AS e SEMI JOIN modified_logs USING (evidence_id)
WHERE e.status NOT IN ('damaged', 'unreadable')
UNION ALL
-- A newest digest without a stored signature is not suspicious. The unknown time before the first digest starts with
-- the first evidence; a missing earlier digest may mean that the copy starts there.
SELECT 'chain_broken', b.account_id, b.region, coalesce(b.from_time, (
        SELECT min(e.delivery_time) FROM evidence AS e
        WHERE e.account_id = b.account_id AND e.region = b.region AND e.delivery_time < b.until_time
    )) - INTERVAL '1' HOUR, b.until_time, 1, NULL, NULL
FROM chain_breaks AS b
WHERE NOT is_backfill AND (until_time > from_time OR (from_time IS NULL AND cause <> 'digest_missing')) AND cause <> 'newest_unsigned'
UNION ALL
SELECT 'not_read', NULL, NULL, NULL, NULL, 1, uri, evidence_id
FROM evidence
WHERE status = 'unsupported' AND contains(problem, 'it may hold events, which were not read')
UNION ALL
SELECT 'filtered', NULL, NULL, NULL, NULL, count(*), NULL, NULL
FROM evidence
WHERE (coalesce(filtered_count, 0) > 0 OR CAST(filters AS VARCHAR) NOT IN ('[{}]', '[]'))
    AND coalesce(sha256, '') NOT IN (SELECT sha256 FROM whole_contents)
HAVING count(*) > 0
UNION ALL
SELECT
    -- If no log of an account has such a name, nothing can be compared, and neither can what an engine read.
    CASE WHEN b.has_logs AND NOT l.is_extracted THEN 'listed' ELSE 'uncompared' END, l.account_id, l.region,
    min(l.delivery_time) - INTERVAL '1' HOUR, max(l.delivery_time), count(*), NULL, NULL
FROM missing_logs AS l LEFT JOIN account_begins AS b ON l.account_id = b.account_id
WHERE b.has_logs IS NOT TRUE OR l.delivery_time >= b.begin_time
GROUP BY b.has_logs, l.is_extracted, l.account_id, l.region, date_trunc('day', l.delivery_time)
