/*
title    = "What the evidence lacks"
question = "Which objects were left out in part, could not be read, or are listed by digest files and not there, and from when may their events be?"
attack   = []
source   = "The ledger of the case; AWS CloudTrail User Guide, digest file structure and CloudTrail log file name format"
uses     = ["missing_logs"]
misses   = "Logs that nothing names. Hashes and signatures of digests are not checked: that a log is missing its name alone shows. Whatever a filter lets in, it counts as a gap everywhere."
*/
-- Of each account whose logs bear CloudTrail's names, what is listed since the first one's day: a digest lists logs of
-- the hour before, which may lie in the folder of the day before.
WITH begins AS (
    SELECT account_id, date_trunc('day', min(delivery_time)) AS begin_time
    FROM evidence
    WHERE delivery_time IS NOT NULL
    GROUP BY account_id
),
-- Read without a filter by any load. What another load or another copy left out, this one brought.
whole AS (
    SELECT sha256
    FROM evidence
    WHERE regexp_matches(CAST(filters AS VARCHAR), '[\[,]\{\}[,\]]') AND coalesce(filtered_count, 0) = 0 AND sha256 <> ''
)
-- CloudTrail delivers within minutes, and what comes late within the hour: a log holds what was done before that.
SELECT
    'damaged' AS kind, account_id, region, delivery_time - INTERVAL '1' HOUR AS from_time, delivery_time AS until_time,
    1 AS object_count, uri, evidence_id
FROM evidence
WHERE status IN ('damaged', 'unreadable')
UNION ALL
SELECT 'not_read', NULL, NULL, NULL, NULL, 1, uri, evidence_id
FROM evidence
WHERE status = 'unsupported' AND contains(problem, 'it may hold events, which were not read')
UNION ALL
SELECT 'filtered', NULL, NULL, NULL, NULL, count(*), NULL, NULL
FROM evidence
WHERE (coalesce(filtered_count, 0) > 0 OR CAST(filters AS VARCHAR) NOT IN ('[{}]', '[]'))
    AND coalesce(sha256, '') NOT IN (SELECT sha256 FROM whole)
HAVING count(*) > 0
UNION ALL
SELECT
    -- Of an account none of whose logs bears such a name, nothing can be compared.
    CASE WHEN b.account_id IS NULL THEN 'uncompared' ELSE 'listed' END, l.account_id, l.region,
    min(l.delivery_time) - INTERVAL '1' HOUR, max(l.delivery_time), count(*), NULL, NULL
FROM missing_logs AS l LEFT JOIN begins AS b ON l.account_id = b.account_id
WHERE b.account_id IS NULL OR l.delivery_time >= b.begin_time
GROUP BY b.account_id, l.account_id, l.region, date_trunc('day', l.delivery_time)
