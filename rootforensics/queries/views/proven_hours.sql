/*
title    = "Hours for which the case lists all logs"
question = "For which hours of an account and Region do digest files list every log, or was the whole event history downloaded? Which hours does one source prove on its own?"
attack   = ["T1562.008"]
source   = "AWS CloudTrail User Guide, digest file structure and how CloudTrail delivers; the names that rootforensics history gives to its files"
misses   = "What a trail does not record, and changes of a trail that are not in the case. Whether the listed logs are in the case and complete: is_complete and coverage_spans show it. Digest files count whether or not verify was run. After verify, only verified ones count. Without verify, nothing confirms the newest digest file of a trail."
uses     = ["api_calls", "trail_changes", "whole_contents", "unproven_events", "aws_regions"]
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
-- Trails with a listed log that the case does not have in full, unmodified.
lacking AS (
    SELECT l.evidence_id
    FROM listed_logs AS l LEFT JOIN (
        SELECT if(compression = 'plain', sha256, content_sha256) AS hash FROM evidence SEMI JOIN whole_contents USING (sha256)
        WHERE status IN ('loaded', 'empty', 'duplicate')
    ) AS e ON l.sha256 = e.hash
    WHERE e.hash IS NULL
),
digested AS (
    SELECT t.account_id, t.region, t.trail, t.home_region, t.begin_time, t.end_time,
        t.evidence_id NOT IN (FROM lacking) AND (t.account_id, t.region, t.trail, t.home_region) NOT IN (
            SELECT (account_id, region, trail, home_region) FROM digests SEMI JOIN lacking USING (evidence_id) WHERE is_backfill
        ) AS is_loaded
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
-- Times that a trail's digests cover without a gap, whether or not verify was run, and those of them for which the case
-- has every listed log. Only verify finds breaks.
covered AS (
    SELECT account_id, region, trail, home_region, is_loaded, min(begin_time) AS begin_time, max(end_time) AS end_time
    FROM (
        SELECT *, sum(CASE WHEN ended_time >= begin_time THEN 0 ELSE 1 END) OVER (own ORDER BY begin_time, end_time) AS part
        FROM (
            SELECT *, max(end_time) OVER (own ORDER BY begin_time, end_time ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS ended_time
            FROM (SELECT * REPLACE (false AS is_loaded) FROM digested UNION ALL FROM digested WHERE is_loaded)
            WINDOW own AS (PARTITION BY account_id, region, trail, home_region, is_loaded)
        )
        WINDOW own AS (PARTITION BY account_id, region, trail, home_region, is_loaded)
    )
    GROUP BY account_id, region, trail, home_region, is_loaded, part
),
-- A log of an hour may arrive in the following quarter, and late events within the hour.
hours AS (
    SELECT account_id, region, trail, home_region, is_loaded, unnest(generate_series(
        date_trunc('hour', begin_time + INTERVAL '59 minutes 59 seconds'), end_time - if(is_loaded, INTERVAL '2' HOUR, INTERVAL '75' MINUTE), INTERVAL '1' HOUR
    )) AS hour_time
    FROM covered
),
-- What a trail records from one call to the next. CreateTrail selects all management events, and StartLogging starts the
-- trail. IAM and other global services are recorded in one Region, and only if the trail includes them.
calls AS (
    SELECT
        c.account_id, c.eventTime, c.eventName, c.eventID, c.requestParameters->>'$.includeGlobalServiceEvents' AS global_events,
        coalesce(c.requestParameters->>'$.name', c.requestParameters->>'$.trailName') AS name,
        coalesce(nullif(regexp_extract(name, '^arn:[^:]*:[^:]*:([^:]+):', 1), ''), c.awsRegion) AS home_region,
        regexp_replace(name, '^arn:.*:trail/', '') AS trail, coalesce(k.keeps = 'all', false) AS keeps_all,
        c.outcome = 'success' AND u.evidence_id IS NULL AS is_sure
    FROM api_calls AS c
        LEFT JOIN trail_changes AS k ON c.evidence_id = k.evidence_id AND c.record_index = k.record_index
        LEFT JOIN unproven_events AS u ON c.evidence_id = u.evidence_id AND c.record_index = u.record_index
    WHERE c.eventSource = 'cloudtrail.amazonaws.com' AND c.outcome IS DISTINCT FROM 'failure'
        AND c.eventName IN ('CreateTrail', 'UpdateTrail', 'DeleteTrail', 'PutEventSelectors', 'StartLogging', 'StopLogging')
),
recording AS (
    SELECT account_id, home_region, trail, eventTime AS begin_time, lead(eventTime) OVER later AS end_time,
        last_value(CASE WHEN eventName IN ('CreateTrail', 'PutEventSelectors') THEN eventTime END IGNORE NULLS) OVER earlier AS selected_time,
        last_value(CASE eventName WHEN 'CreateTrail' THEN is_sure WHEN 'PutEventSelectors' THEN is_sure AND keeps_all END IGNORE NULLS) OVER earlier
            AND coalesce(last_value(CASE WHEN eventName = 'StartLogging' THEN is_sure WHEN eventName IN ('CreateTrail', 'DeleteTrail', 'StopLogging') THEN false END IGNORE NULLS) OVER earlier, true)
            AS is_full,
        last_value(CASE WHEN eventName = 'CreateTrail' OR global_events <> '' THEN is_sure AND coalesce(lower(global_events), 'true') = 'true' END IGNORE NULLS) OVER earlier AS is_global
    FROM calls
    WHERE account_id NOT IN (SELECT account_id FROM calls WHERE account_id IS NOT NULL AND (name IS NULL OR eventTime IS NULL))
    WINDOW later AS (PARTITION BY account_id, home_region, trail ORDER BY eventTime, eventName, eventID),
        earlier AS (later ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
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
-- A trail that is known to record all management events proves an hour on its own, if the case has every log that it
-- lists, also those of its home Region since its events were selected: they would contain a change. Of other trails it is unknown what they record, so all that had started must cover the hour. No trail proves
-- that no data events are missing, which another may record.
SELECT
    h.account_id, h.region, h.hour_time, 'digests' AS proven_by,
    coalesce(bool_or(h.is_loaded AND r.is_full AND (r.is_global OR NOT coalesce(g.records_iam, false))), false) AND (h.account_id, h.region) NOT IN (
        SELECT (account_id, awsRegion) FROM api_calls
        WHERE (NOT managementEvent OR eventCategory <> 'Management') AND account_id IS NOT NULL AND awsRegion IS NOT NULL
    ) AS is_complete
FROM hours AS h
    -- A change of a trail takes some minutes.
    LEFT JOIN recording AS r ON h.account_id = r.account_id AND h.trail = r.trail AND h.home_region = r.home_region
        AND r.begin_time + INTERVAL '15' MINUTE <= h.hour_time AND coalesce(r.end_time >= h.hour_time + INTERVAL '1' HOUR, true)
        AND EXISTS (
            FROM covered AS c
            WHERE c.is_loaded AND c.account_id = h.account_id AND c.trail = h.trail AND c.home_region = h.home_region
                AND c.region = h.home_region AND c.begin_time <= r.selected_time + INTERVAL '1' HOUR
                AND c.end_time >= h.hour_time + INTERVAL '2' HOUR
        )
    LEFT JOIN (SELECT region, records_iam FROM aws_regions) AS g ON h.region = g.region
GROUP BY h.account_id, h.region, h.hour_time
HAVING is_complete OR count(DISTINCT (h.trail, h.home_region)) = (
    SELECT count(DISTINCT (o.trail, o.home_region)) FROM digested AS o
    WHERE o.account_id = h.account_id AND o.region = h.region AND o.begin_time <= h.hour_time
)
UNION ALL
SELECT account_id, region, unnest(generate_series(
    date_trunc('hour', begin_time + INTERVAL '59 minutes 59 seconds'), end_time - INTERVAL '1' HOUR, INTERVAL '1' HOUR
)), 'history', false
FROM fetched
