/*
title    = "How identities were used"
question = "How much was each of these keys, users, roles or instances used since a moment, from when to when, and from where?"
attack   = ["T1078.004"]
source   = "AWS CloudTrail User Guide, userIdentity element"
misses   = "Use whose logs are not in the case. A call with a user's key counts for the key and for the user, if both are named. Events without a time are not counted."
[params]
identities = { type = "VARCHAR", default = "", help = "separated by blanks, each kind|name|seconds: kind access_key, user, role or instance; name the key's ID, account/name, or the instance's ID; seconds since 1970 from which on" }
[columns]
identity_kind = "VARCHAR"
identity_name = "VARCHAR"
event_count   = "BIGINT; its calls"
write_count   = "BIGINT; of these, writes that succeeded"
error_count   = "BIGINT; of these, calls that were refused or failed"
first_time    = "TIMESTAMP WITH TIME ZONE; UTC"
last_time     = "TIMESTAMP WITH TIME ZONE; UTC"
source_ips    = "VARCHAR[]"
services      = "VARCHAR[]; eventSource"
first_eventID = "VARCHAR; cite this"
last_eventID  = "VARCHAR; cite this"
*/
WITH wanted AS (
    SELECT
        split_part(named, '|', 1) AS identity_kind, split_part(named, '|', 2) AS identity_name,
        CAST(split_part(named, '|', 3) AS DOUBLE) AS since_seconds
    FROM (SELECT unnest(string_split(nullif($identities, ''), ' ')) AS named) AS listed
),
everybody AS (
    SELECT
        eventTime, eventSource, is_write, outcome, sourceIPAddress, eventID, userIdentity.accessKeyId AS access_key,
        CASE WHEN userIdentity.type = 'IAMUser' THEN concat(userIdentity.accountId, '/', userIdentity.userName) END AS user,
        CASE
            WHEN userIdentity.type = 'AssumedRole' THEN concat(
                userIdentity.sessionContext.sessionIssuer.accountId, '/', userIdentity.sessionContext.sessionIssuer.userName
            )
        END AS role,
        CASE
            WHEN userIdentity.type = 'AssumedRole' AND userIdentity.arn LIKE '%/i-%'
                THEN nullif(regexp_extract(userIdentity.arn, '/(i-[0-9a-f]+)$', 1), '')
        END AS instance
    FROM events ANTI JOIN superseded_events USING (evidence_id, record_index)
    WHERE eventTime IS NOT NULL
),
-- Most calls are nobody's of these: they are left out before the rest is joined.
told AS (
    SELECT *
    FROM everybody
    WHERE access_key IN (SELECT identity_name FROM wanted WHERE identity_kind = 'access_key')
        OR user IN (SELECT identity_name FROM wanted WHERE identity_kind = 'user')
        OR role IN (SELECT identity_name FROM wanted WHERE identity_kind = 'role')
        OR instance IN (SELECT identity_name FROM wanted WHERE identity_kind = 'instance')
),
used AS (
    SELECT w.identity_kind, w.identity_name, w.since_seconds, t.*
    FROM told AS t JOIN wanted AS w ON w.identity_kind = 'access_key' AND t.access_key = w.identity_name
    UNION ALL
    SELECT w.identity_kind, w.identity_name, w.since_seconds, t.*
    FROM told AS t JOIN wanted AS w ON w.identity_kind = 'user' AND t.user = w.identity_name
    UNION ALL
    SELECT w.identity_kind, w.identity_name, w.since_seconds, t.*
    FROM told AS t JOIN wanted AS w ON w.identity_kind = 'role' AND t.role = w.identity_name
    UNION ALL
    SELECT w.identity_kind, w.identity_name, w.since_seconds, t.*
    FROM told AS t JOIN wanted AS w ON w.identity_kind = 'instance' AND t.instance = w.identity_name
)
SELECT
    identity_kind,
    identity_name,
    count(*) AS event_count,
    count(*) FILTER (WHERE is_write AND outcome IS DISTINCT FROM 'failure') AS write_count,
    count(*) FILTER (WHERE outcome = 'failure') AS error_count,
    min(eventTime) AS first_time,
    max(eventTime) AS last_time,
    array_agg(DISTINCT sourceIPAddress ORDER BY sourceIPAddress) FILTER (WHERE sourceIPAddress IS NOT NULL) AS source_ips,
    array_agg(DISTINCT eventSource ORDER BY eventSource) FILTER (WHERE eventSource IS NOT NULL) AS services,
    min_by(eventID, row(coalesce(eventTime, TIMESTAMP WITH TIME ZONE '9999-12-31 00:00:00+00:00'), eventID)) AS first_eventID,
    max_by(eventID, row(coalesce(eventTime, TIMESTAMP WITH TIME ZONE '0001-01-01 00:00:00+00:00'), eventID)) AS last_eventID
FROM used
WHERE extract(epoch FROM eventTime) >= since_seconds
GROUP BY identity_kind, identity_name
ORDER BY identity_kind, identity_name
