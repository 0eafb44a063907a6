/*
question = "After logging was impaired, in which Regions of each account do recorded events continue, and by which source?"
misses   = "Data events, which prove nothing about management events. Whether a source that recorded some events recorded all, unless a trail proves it (is_complete)."
uses     = ["recorded_hours", "proven_hours"]
columns  = "account_id region is_history since until source quiet_hours hour_count is_both is_complete"
never_null = "region is_history since until hour_count is_complete"
[params]
windows = { type = "VARCHAR[]", default = [], help = "the start and the end of each window, in seconds since 1970, separated by a blank" }
still   = { type = "INTEGER", default = 900, help = "seconds after the start of a window in which the trail may still have recorded" }
[notes]
region      = "VARCHAR"
is_history  = "BOOLEAN; whether all events of the Region come from the event history"
since       = "BIGINT; start of the window, in seconds since 1970"
until       = "BIGINT; its end, likewise"
source      = "VARCHAR; history, organization, other, unproven, or any for all but unproven ones together; NULL where the window has no event"
quiet_hours = "DOUBLE; the longest time without an event in the window"
hour_count  = "BIGINT; hours with events in the window"
is_both     = "BOOLEAN; whether both reads and writes were recorded"
is_complete = "BOOLEAN; whether one trail proves every hour of the window, or up to three hours before the last event: digest files of later hours may still come"
*/
WITH stops AS (
    SELECT CAST(split_part(one, ' ', 1) AS BIGINT) AS since, CAST(split_part(one, ' ', 2) AS BIGINT) AS until
    FROM (SELECT unnest($windows::VARCHAR[]) AS one)
),
sources AS (
    SELECT CAST(evidence_id AS VARCHAR) AS held_by, CASE
        WHEN regexp_matches(container, '^(([^,]* > )?(LookupEvents|(entry without its record, read as )?event history CSV)(, |$))+$') THEN 'history'
        -- Unproven logs do not show recording.
        WHEN evidence_id IN (SELECT evidence_id FROM unproven_logs) THEN 'unproven'
        WHEN regexp_matches(uri, '(^|/)AWSLogs/o-[a-z0-9]{10,32}/[0-9]{12}/') THEN 'organization'
        ELSE 'other' END AS source
    FROM evidence
    UNION ALL
    SELECT extraction_id, CASE WHEN bool_or(evidence_id IN (SELECT evidence_id FROM unproven_logs)) THEN 'unproven' ELSE 'other' END
    FROM extracted_evidence
    GROUP BY extraction_id
),
hours AS MATERIALIZED (
    SELECT
        h.account_id, h.region, s.source, epoch(min(h.first_time)) AS first, epoch(max(h.last_time)) AS last,
        sum(h.write_count) > 0 AS writes, sum(h.read_count) > 0 AS reads
    FROM recorded_hours AS h INNER JOIN sources AS s ON coalesce(h.extraction_id, CAST(h.evidence_id AS VARCHAR)) = s.held_by
    WHERE h.is_management AND h.hour_time IS NOT NULL AND h.region IS NOT NULL
    GROUP BY h.account_id, h.region, s.source, h.hour_time
),
held AS (
    SELECT
        account_id, region, bool_and(source = 'history') AS is_history,
        max(max(last)) OVER (PARTITION BY account_id) AS ends
    FROM hours
    GROUP BY account_id, region
),
within AS (
    SELECT w.since, w.until, h.*, coalesce(lag(last) OVER earlier, w.since) AS before
    FROM stops AS w INNER JOIN (
        SELECT * FROM hours UNION ALL SELECT * REPLACE ('any' AS source) FROM hours WHERE source <> 'unproven'
    ) AS h ON h.first BETWEEN w.since + $still AND w.until OR h.last BETWEEN w.since + $still AND w.until
    WINDOW earlier AS (PARTITION BY w.since, w.until, account_id, region, source ORDER BY first)
)
SELECT
    s.account_id, s.region, s.is_history, s.since, s.until, w.source,
    greatest(max(w.first - w.before), least(s.until, s.ends) - max(w.last)) / 3600 AS quiet_hours,
    count(DISTINCT floor(w.first / 3600)) AS hour_count,
    bool_or(w.writes AND w.first > w.since) AND bool_or(w.reads AND w.first > w.since) AS is_both,
    (
        SELECT count(*) FROM proven_hours AS p
        WHERE p.is_complete AND p.account_id = s.account_id AND p.region = s.region
            AND epoch(p.hour_time) > s.since - 3600 AND epoch(p.hour_time) <= s.last
    ) > floor(s.last / 3600) - floor(s.since / 3600) AS is_complete
FROM (
    SELECT held.*, stops.*, greatest(since, least(until - 1, ends - 10800)) AS last FROM held CROSS JOIN stops
) AS s LEFT JOIN within AS w ON s.account_id = w.account_id AND s.region = w.region AND s.since = w.since AND s.until = w.until
GROUP BY s.account_id, s.region, s.is_history, s.ends, s.since, s.until, s.last, w.source
