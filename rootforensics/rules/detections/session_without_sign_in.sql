/*
title       = "Root session without a recorded sign-in"
severity    = "high"
attack      = ["T1550.001"]
explanation = "Root was used with temporary credentials, but the logs contain no sign-in and no call that opened the session. They cover the time and the Regions in which it would appear. The credentials come from elsewhere, or the record of the sign-in was removed."
benign      = "AssumeRoot opened the session from another account whose logs are not in the case. Such a session lasts 15 minutes at most, has no MFA and does one task."
source      = "AWS CloudTrail User Guide, console sign-in events (root signs in at us-east-1, us-east-2 or us-west-2) and userIdentity element"
misses      = "Sessions at a time when the logs do not cover all three Regions before and after, a filter excluded events, or a file is damaged or missing. Sessions without a creationDate. Long-term keys, which need no sign-in. Other gaps between the first and last log of a Region; the verdict names them. The finding cites the first event."
[params]
margin_minutes = { type = "INTEGER", default = 60, help = "minutes of logs required before the session" }
tolerance_seconds = { type = "INTEGER", default = 60, help = "a sign-in within this time of the session's start belongs to it" }
*/
WITH sign_in AS (
    SELECT region FROM aws_regions WHERE partition = 'aws' AND records_sign_in
),
seen AS (
    SELECT account_id, awsRegion AS region, min(eventTime) AS first_time,
        max(eventTime) AS last_time
    FROM api_calls
    WHERE awsRegion IN (SELECT region FROM sign_in)
    GROUP BY 1, 2
    UNION ALL
    SELECT account_id, region, min(delivery_time) AS first_time, max(delivery_time) AS last_time
    FROM evidence
    WHERE region IN (SELECT region FROM sign_in) AND status IN ('loaded', 'empty', 'duplicate')
        AND NOT regexp_matches(uri, '_CloudTrail-(Insight|Aggregated)_')
    GROUP BY account_id, region
),
covered AS (
    SELECT account_id, region, min(first_time) AS first_time, max(last_time) AS last_time
    FROM seen
    GROUP BY account_id, region
),
-- Every event that starts a root session, whatever kind the session appears to be.
openers AS (
    SELECT account_id, eventTime
    FROM root_activity
    WHERE outcome IS DISTINCT FROM 'failure' AND (
        (eventSource = 'signin.amazonaws.com' AND eventName IN (
            'ConsoleLogin', 'CreateOAuth2Token', 'CreateOAuth2TokenWithIAM', 'CreateOAuth2TokenWithTokenExchange', 'GetSigninToken'
        ))
        OR (eventSource = 'sts.amazonaws.com' AND eventName IN ('GetSessionToken', 'GetFederationToken'))
    )
    UNION ALL
    SELECT regexp_extract(requestParameters->>'$.targetPrincipal', '[0-9]{12}', 0), eventTime
    FROM api_calls
    WHERE eventSource = 'sts.amazonaws.com' AND eventName = 'AssumeRoot' AND outcome IS DISTINCT FROM 'failure'
),
unopened AS (
    SELECT s.session_id, s.account_id
    FROM root_sessions AS s
    WHERE s.session_kind IN ('console_sign_in', 'aws_login', 'unknown')
        AND s.opener_citation IS NULL AND s.opened_time IS NOT NULL
        AND NOT EXISTS (
            -- Evidence that is missing from that time may contain the sign-in.
            SELECT 1 FROM evidence_gaps AS g
            WHERE g.kind <> 'uncompared' AND coalesce(g.account_id, s.account_id) = s.account_id
                AND coalesce(g.region IN (SELECT region FROM sign_in), true)
                AND (g.from_time IS NULL OR g.from_time <= s.opened_time + $tolerance_seconds * INTERVAL '1' SECOND)
                AND (g.until_time IS NULL OR g.until_time >= s.opened_time - $tolerance_seconds * INTERVAL '1' SECOND)
        )
        AND (SELECT count(*) FROM sign_in) = (
            SELECT count(*) FROM covered AS c
            WHERE c.account_id = s.account_id AND c.last_time >= s.opened_time
                AND c.first_time <= s.opened_time - $margin_minutes * INTERVAL '1' MINUTE
        )
        AND NOT EXISTS (
            SELECT 1 FROM openers AS i
            WHERE i.account_id = s.account_id
                AND i.eventTime >= s.opened_time - $tolerance_seconds * INTERVAL '1' SECOND
                AND i.eventTime <= s.opened_time + $tolerance_seconds * INTERVAL '1' SECOND
        )
)
SELECT u.account_id, u.session_id AS thread, false AS attempted, e.eventTime, e.eventID, e.evidence_id, e.record_index
FROM unopened AS u INNER JOIN root_session_events AS e ON u.session_id = e.session_id
QUALIFY row_number() OVER (
    PARTITION BY u.session_id ORDER BY e.eventTime NULLS LAST, e.eventID, e.evidence_id, e.record_index
) = 1
