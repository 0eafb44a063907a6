/*
question = "What was done since a time under the names of root's descendants, or with them by others, and what was the last use before?"
misses   = "Everything that acting_names misses. Calls by others that do not name the role by ARN or instance profile. Uses after the first ten of a kind, which are only counted."
uses     = ["acting_names", "api_calls", "root_descendants"]
columns  = """
identity_kind identity_name made_by made_account_id made_region use event_count first_time last_time source_ips calls eventIDs
citations"""
never_null = "identity_kind identity_name made_by use event_count calls eventIDs citations"
[params]
account_id = { type = "VARCHAR", default = "", help = "only descendants of root of this account (12 digits); empty for all" }
since = { type = "VARCHAR", default = "", help = "the first moment, ISO 8601" }
accepted = { type = "VARCHAR[]", default = [], help = "events that someone accepted, as evidence_id:record_index or by eventID" }
[notes]
identity_kind = "VARCHAR; as in descendant_use"
use           = "VARCHAR; before (only the last one is cited); since then succeeded, refused, accepted (and not refused), or unclear: the record lacks its time, its outcome or the identity, or others gave it a credential, permissions or work"
calls         = "VARCHAR[]; as service:call, the first ten"
eventIDs      = "VARCHAR[]; of the first ten"
citations     = "VARCHAR[]; evidence_id:record_index of these"
*/
WITH later AS (
    SELECT *, CAST(requestParameters AS VARCHAR) AS asked
    FROM api_calls WHERE coalesce(eventTime >= nullif($since, '')::TIMESTAMPTZ, true)
),
-- Assuming a role is a use, and so is handing it on by its ARN or by an instance profile.
profiles AS (
    SELECT DISTINCT account_id, requestParameters->>'$.instanceProfileName' AS profile, requestParameters->>'$.roleName' AS role
    FROM api_calls WHERE eventName = 'AddRoleToInstanceProfile'
),
handed AS (
    SELECT
        evidence_id, record_index, eventTime, eventName LIKE 'AssumeRole%' AND invoker IS DISTINCT FROM 'service' AS is_certain,
        regexp_extract(named, ':([0-9]{12}):', 1) AS account_id, regexp_extract(named, '([^/]+)$', 1) AS name,
        named LIKE '%:instance-profile/%' AS is_profile
    FROM (
        SELECT *, unnest(regexp_extract_all(asked, 'arn:[^":]*:iam::[0-9]{12}:(?:role|instance-profile)/[^"\\ ,]+')) AS named
        FROM later WHERE is_write IS DISTINCT FROM false OR eventName LIKE 'AssumeRole%'
    )
    UNION ALL
    SELECT evidence_id, record_index, eventTime, false, account_id, named, true
    FROM (
        SELECT *, unnest(regexp_extract_all(asked, '(?i)"iamInstanceProfile" *: *[{][^{}]*"name" *: *"([^"]+)"', 1)) AS named
        FROM later WHERE is_write IS DISTINCT FROM false
    )
),
names AS (
    SELECT evidence_id, record_index, eventTime, is_certain, identity_kind, identity_name, mark FROM acting_names
    UNION ALL
    SELECT evidence_id, record_index, eventTime, true, 'role', acting_role, NULL FROM later WHERE eventName = 'SwitchRole'
    UNION ALL
    SELECT evidence_id, record_index, eventTime, is_certain, 'role', concat(account_id, '/', name), NULL FROM handed
    UNION ALL
    SELECT h.evidence_id, h.record_index, h.eventTime, h.is_certain, 'role', concat(h.account_id, '/', p.role), NULL
    FROM handed AS h INNER JOIN profiles AS p ON h.is_profile AND h.account_id = p.account_id AND h.name = p.profile
    UNION ALL
    -- Access that was added: a key, a password, a policy. Removed access is not listed.
    SELECT
        l.evidence_id, l.record_index, l.eventTime, false, k.kind,
        concat(l.account_id, '/', l.requestParameters->>concat('$.', k.kind, 'Name')), NULL
    FROM later AS l CROSS JOIN (VALUES ('user'), ('role')) AS k(kind)
    WHERE l.eventSource = 'iam.amazonaws.com' AND l.is_write IS DISTINCT FROM false
        AND NOT regexp_matches(l.eventName, '^(Delete|Remove|Detach|Deactivate|Tag|Untag)')
        AND coalesce(l.requestParameters->>'$.status', '') <> 'Inactive'
),
acts AS (
    SELECT
        d.identity_kind, d.identity_name, min(d.made_by) AS made_by, d.account_id AS made_account_id,
        min(d.region) AS made_region, n.evidence_id, n.record_index,
        -- A later entity with the same name and no matching unique ID may be a different one.
        bool_or(n.is_certain AND (coalesce(n.eventTime <= d.until_time, true) OR coalesce(n.mark = d.mark, false))) AS is_it
    FROM names AS n INNER JOIN root_descendants AS d
        ON n.identity_kind = d.identity_kind AND n.identity_name = d.identity_name
    WHERE ($account_id = '' OR d.root_account_id = $account_id)
        AND coalesce(n.mark = d.mark, true) AND coalesce(n.eventTime >= d.since_time, true)
        -- A session with this name that was opened later is a different session.
        AND (d.identity_kind <> 'role_session' OR coalesce(n.eventTime <= d.until_time, true))
    GROUP BY
        d.identity_kind, d.identity_name, d.account_id, CASE WHEN d.identity_kind = 'function' THEN d.region END, n.evidence_id, n.record_index
),
told AS (
    SELECT
        a.* EXCLUDE (is_it), e.eventTime, e.sourceIPAddress, e.eventID,
        concat(regexp_replace(coalesce(e.eventSource, 'unknown'), '[.]amazonaws[.]com$', ''), ':', coalesce(e.eventName, 'unknown')) AS call,
        CASE
            WHEN e.eventTime < nullif($since, '')::TIMESTAMPTZ THEN 'before'
            WHEN e.outcome = 'failure' AND e.eventTime IS NOT NULL THEN 'refused'
            WHEN list_contains($accepted::VARCHAR[], e.eventID)
                OR list_contains($accepted::VARCHAR[], concat(CAST(e.evidence_id AS VARCHAR), ':', CAST(e.record_index AS VARCHAR))) THEN 'accepted'
            WHEN a.is_it AND e.eventTime IS NOT NULL AND e.outcome = 'success' THEN 'succeeded'
            ELSE 'unclear'
        END AS use
    FROM acts AS a INNER JOIN api_calls AS e ON a.evidence_id = e.evidence_id AND a.record_index = e.record_index
),
ranked AS (
    SELECT *, row_number() OVER (
        PARTITION BY identity_kind, identity_name, made_by, made_account_id, made_region, use
        ORDER BY CASE WHEN use = 'before' THEN -epoch(eventTime) ELSE epoch(eventTime) END, eventID, evidence_id, record_index
    ) AS place
    FROM told
)
SELECT
    identity_kind, identity_name, made_by, made_account_id, made_region, use,
    count(*) AS event_count, min(eventTime) AS first_time, max(eventTime) AS last_time,
    array_agg(DISTINCT sourceIPAddress ORDER BY sourceIPAddress) FILTER (WHERE sourceIPAddress IS NOT NULL AND use <> 'before') AS source_ips,
    array_agg(call ORDER BY place) FILTER (WHERE place = 1 OR (place <= 10 AND use <> 'before')) AS calls,
    array_agg(eventID ORDER BY place) FILTER (WHERE place = 1 OR (place <= 10 AND use <> 'before')) AS eventIDs,
    array_agg(concat(CAST(evidence_id AS VARCHAR), ':', CAST(record_index AS VARCHAR)) ORDER BY place)
        FILTER (WHERE place = 1 OR (place <= 10 AND use <> 'before')) AS citations
FROM ranked
GROUP BY identity_kind, identity_name, made_by, made_account_id, made_region, use
ORDER BY identity_kind, identity_name, made_by, made_account_id, made_region, use
