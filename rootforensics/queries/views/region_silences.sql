/*
title    = "Regions that are silent longer than usual"
question = "How long is each Region of an account usually without events, and when was it far longer?"
attack   = ["T1562.008"]
source   = "The events, the times of logs in their names, and digest files"
misses   = "Silences of less than three hours, and those of a Region that had events or logs in fewer than 12 hours, because nothing is usual there. Work that began and ended looks like a Region whose logs are missing: it is not a silence if it lasted less time than the Region has been quiet. If a filter of the load excluded events without counting them, it may cause a silence. If an engine did, no silence is reported for the accounts of that extraction."
uses     = ["recorded_hours", "uncounted_evidence", "extracted_evidence", "extraction_scopes"]
*/
WITH hours AS (
    SELECT account_id, region, date_trunc('hour', first_time) AS hour_time, min(first_time) AS first_time, max(last_time) AS last_time
    FROM (
        SELECT account_id, region, first_time, last_time FROM recorded_hours WHERE hour_time IS NOT NULL
        UNION ALL
        -- A log without events shows that the Region was quiet; damaged logs are reported elsewhere.
        SELECT account_id, region, delivery_time, delivery_time
        FROM evidence
        WHERE delivery_time IS NOT NULL AND NOT regexp_matches(uri, '_CloudTrail-(Insight|Aggregated)_')
        UNION ALL
        -- So does a digest, which is delivered for quiet hours as well; missing logs that it lists are reported
        -- elsewhere.
        SELECT account_id, region, until_time, until_time FROM digests WHERE until_time IS NOT NULL
    )
    WHERE account_id IS NOT NULL AND region IS NOT NULL
    GROUP BY ALL
),
ordered AS (
    SELECT account_id, region, first_time, last_time, lead(first_time) OVER own AS next_time,
        coalesce(date_diff('hour', hour_time, lead(hour_time) OVER own) - 1, 0) AS quiet_hours,
        row_number() OVER own AS place
    FROM hours
    WINDOW own AS (PARTITION BY account_id, region ORDER BY hour_time)
),
ranked AS (
    SELECT *, row_number() OVER (PARTITION BY account_id, region ORDER BY quiet_hours DESC) AS rank_by_length,
        count(*) OVER own AS active_count, (epoch(max(last_time) OVER own) - epoch(min(first_time) OVER own)) / 86400 AS day_count
    FROM ordered
    WINDOW own AS (PARTITION BY account_id, region)
),
-- One in twenty silences may be longer than usual. Of nightly ones only every second counts, so that nights are usual.
-- With few hours, nothing is usual.
regions AS (
    SELECT account_id, region, min(first_time) AS first_time, max(last_time) AS last_time,
        max(quiet_hours) FILTER (WHERE rank_by_length > greatest(1, least(active_count / 20, day_count / 2))) AS usual_hours,
        min(first_time) FILTER (WHERE place = 12) AS known_time
    FROM ranked
    GROUP BY account_id, region
),
accounts AS (
    SELECT account_id, min(first_time) AS first_time, max(last_time) AS last_time FROM regions GROUP BY account_id
),
-- Silences within the period and at its end. At its start, only for the Region that records IAM and other global
-- services.
quiet AS (
    SELECT account_id, region, last_time AS from_time, next_time AS until_time FROM ordered WHERE quiet_hours > 0
    UNION ALL
    SELECT account_id, region, r.last_time, a.last_time FROM regions AS r JOIN accounts AS a USING (account_id)
    UNION ALL
    SELECT account_id, region, a.first_time, r.first_time
    FROM regions AS r JOIN accounts AS a USING (account_id)
    WHERE region = 'us-east-1'
)
-- Three hours, plus five for each usual hour: a silence that long occurs by chance about once in ten thousand. Many
-- Regions are active only on weekdays, from Monday to Friday noon. A Region that was active for less time than it has
-- been silent may have finished its work.
SELECT r.account_id, r.region, r.usual_hours, r.known_time, q.from_time, q.until_time
FROM regions AS r LEFT JOIN quiet AS q
    ON r.account_id = q.account_id AND r.region = q.region
    AND q.until_time - q.from_time > INTERVAL '3' HOUR + INTERVAL '5' HOUR * r.usual_hours
    AND (r.region = 'us-east-1' OR (
        q.from_time >= r.known_time AND q.from_time - r.first_time >= q.until_time - q.from_time
        AND (epoch(q.from_time) - 129600) % 604800 + epoch(q.until_time) - epoch(q.from_time) > 259200
    ))
WHERE r.known_time IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM extraction_scopes AS s
    WHERE coalesce(list_contains(s.accounts, r.account_id), true)
        AND s.extraction_id IN (SELECT extraction_id FROM extracted_evidence SEMI JOIN uncounted_evidence USING (evidence_id))
)
