/*
title    = "Hours for which the case lists all logs"
question = "For which hours of an account and Region do digest files list every log, or was the whole event history downloaded?"
attack   = ["T1562.008"]
source   = "AWS CloudTrail User Guide, digest file structure and how CloudTrail delivers; the names that rootforensics history gives to its files"
misses   = "What a trail does not record. Whether the listed logs are in the case and complete: coverage_spans shows it. Digest files count whether or not verify was run. After verify, only verified ones count. Without verify, nothing confirms the newest digest file of a trail."
uses     = []
*/
WITH told AS (
    SELECT d.evidence_id, d.account_id, d.region, d.trail, d.home_region, d.from_time AS begin_time, d.until_time AS end_time,
        if(e.compression = 'plain', e.sha256, e.content_sha256) AS own_hash,
        lower(json_extract_string(d.content, '$.previousDigestHashValue')) AS previous_hash
    FROM (FROM digests WHERE from_time IS NOT NULL) AS d INNER JOIN evidence AS e ON d.evidence_id = e.evidence_id
    WHERE NOT d.is_backfill AND d.until_time <= d.from_time + INTERVAL '1' DAY
        AND d.from_time < (SELECT max(loaded_time) + INTERVAL '1' YEAR FROM evidence)
),
-- A digest records the hash of the previous one. If the recorded hash differs, the previous digest is not the one
-- CloudTrail delivered, even if it ends at a different time. An hour between two digests means that one is missing.
linked AS (
    SELECT p.evidence_id, p.account_id, p.region, p.trail, p.home_region, p.end_time,
        coalesce(bool_or(p.own_hash = n.previous_hash), false) AS is_owned
    FROM told AS p INNER JOIN told AS n
        ON p.account_id = n.account_id AND p.region = n.region AND p.trail = n.trail AND p.home_region = n.home_region
            AND n.begin_time >= p.begin_time AND n.begin_time < p.end_time + INTERVAL '1' HOUR
            AND n.own_hash IS DISTINCT FROM p.own_hash
    WHERE n.previous_hash IS NOT NULL
    GROUP BY p.evidence_id, p.account_id, p.region, p.trail, p.home_region, p.end_time
),
-- Someone who rewrote one digest could rewrite the earlier ones as well.
breaks AS (
    SELECT account_id, region, trail, home_region, max(end_time) AS end_time
    FROM (
        SELECT account_id, region, trail, home_region, end_time FROM linked
        GROUP BY account_id, region, trail, home_region, end_time
        HAVING NOT bool_or(is_owned)
    )
    GROUP BY account_id, region, trail, home_region
),
digested AS (
    SELECT t.account_id, t.region, t.trail, t.begin_time, t.end_time
    FROM told AS t
        LEFT JOIN (
            SELECT evidence_id, bool_and(verdict = 'verified') AS is_verified FROM integrity GROUP BY evidence_id
        ) AS i ON t.evidence_id = i.evidence_id
        LEFT JOIN linked AS l ON t.evidence_id = l.evidence_id
        LEFT JOIN breaks AS b
            ON t.account_id = b.account_id AND t.region = b.region AND t.trail = b.trail AND t.home_region = b.home_region
    -- The results of verify take precedence, because it has the keys.
    WHERE coalesce(i.is_verified, coalesce(l.is_owned, true) AND coalesce(t.end_time > b.end_time, true))
),
-- Times that a trail's digests cover without a gap, whether or not verify was run. Only verify finds breaks.
covered AS (
    SELECT account_id, region, trail, min(begin_time) AS begin_time, max(end_time) AS end_time
    FROM (
        SELECT *, sum(CASE WHEN ended_time >= begin_time THEN 0 ELSE 1 END) OVER (
            PARTITION BY account_id, region, trail ORDER BY begin_time, end_time
        ) AS part
        FROM (
            SELECT *, max(end_time) OVER (
                PARTITION BY account_id, region, trail ORDER BY begin_time, end_time
                ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
            ) AS ended_time
            FROM digested
        )
    )
    GROUP BY account_id, region, trail, part
),
-- The name of an event history file shows its period and request time; an event can arrive an hour late.
fetched AS (
    SELECT named.account_id, named.region, strptime(named.since, '%Y%m%dT%H%M%SZ')::TIMESTAMP AT TIME ZONE 'UTC' AS begin_time,
        least(
            strptime(named.until, '%Y%m%dT%H%M%SZ')::TIMESTAMP AT TIME ZONE 'UTC',
            strptime(named.asked, '%Y%m%dT%H%M%SZ')::TIMESTAMP AT TIME ZONE 'UTC' - INTERVAL '1' HOUR
        ) AS end_time
    FROM (
        SELECT regexp_extract(
            uri, '([0-9]{12})/([a-z0-9-]+)/all/([0-9]{8}T[0-9]{6}Z)-([0-9]{8}T[0-9]{6}Z)-asked-([0-9]{8}T[0-9]{6}Z)[.]jsonl$',
            ['account_id', 'region', 'since', 'until', 'asked']
        ) AS named
        FROM evidence
        WHERE uri LIKE '%-asked-%' AND status IN ('loaded', 'empty') AND coalesce(filtered_count, 0) = 0
    )
    WHERE named.account_id <> ''
)
-- A log of an hour may arrive in the following quarter. What a trail records is unknown here, so all trails that had
-- started must cover it.
SELECT c.account_id, c.region, c.hour_time, 'digests' AS proven_by
FROM (
    SELECT account_id, region, trail, unnest(generate_series(
        date_trunc('hour', begin_time + INTERVAL '59 minutes 59 seconds'), end_time - INTERVAL '75' MINUTE, INTERVAL '1' HOUR
    )) AS hour_time
    FROM covered
) AS c
GROUP BY c.account_id, c.region, c.hour_time
HAVING count(DISTINCT trail) = (
    SELECT count(DISTINCT o.trail) FROM digested AS o
    WHERE o.account_id = c.account_id AND o.region = c.region AND o.begin_time <= c.hour_time
)
UNION ALL
SELECT account_id, region, unnest(generate_series(
    date_trunc('hour', begin_time + INTERVAL '59 minutes 59 seconds'), end_time - INTERVAL '1' HOUR, INTERVAL '1' HOUR
)), 'history'
FROM fetched
