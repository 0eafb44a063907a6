/*
title    = "Other identities with severe actions"
question = "Which identities that do not descend from root took or attempted critical or high actions, or used root's addresses, networks or user agents?"
attack   = ["T1078.004"]
source   = "The catalogue of actions (rootforensics/rules/catalogue); AWS CloudTrail User Guide, userIdentity element; the networks of root_session_events"
misses   = "Actions by AWS services and by sessions of service-linked roles, which are excluded. Actions of an identity while it descended from root (descendant-actions). Names of callers from other accounts: only the account ID is known. Further resources of a call that creates several. Proof by user agent: the caller chooses it, and many callers share one. Excluded calls, if a load or an engine kept only what is related to root: one row per account counts those that may be critical or high. None of these actions is attributed to root."
uses     = ["matched_actions", "descendant_acts", "root_session_events", "left_out_calls"]
first    = "severity identity_name action_count failed_count actions eventID"
columns  = """
identity_kind identity_name account_id severity action_count success_count failed_count by_service_count name_count
actions first_time last_time source_ips access_keys sessions opened_by made root_ips root_network_ips root_user_agents
shared_count eventID evidence_id record_index"""
never_null = "identity_kind"
[params]
account_id = { type = "VARCHAR", default = "", help = "only what was recorded in this account (12 digits); empty for all" }
[notes]
identity_kind    = "VARCHAR; user, role, federated_user, account (a caller from another account), else userIdentity.type, or unknown; not_loaded: the callers of calls that were excluded from the case; lists and numbers that depend on these are NULL"
identity_name    = "VARCHAR; account/name; for a role of IAM Identity Center account/role/its user; for an account its ID"
account_id       = "VARCHAR; where it was recorded"
severity         = "VARCHAR; highest severity of its actions, one level lower for a failed one; NULL if there are none"
action_count     = "BIGINT; critical and high actions, including failed ones; for not_loaded the calls that may be such, including those by AWS services; NULL if these were not counted"
success_count    = "BIGINT; of these, those that succeeded"
failed_count     = "BIGINT; of these, those denied or failed"
by_service_count = "BIGINT; further actions that AWS services took for it; if it took none itself, the lists show these"
name_count       = "BIGINT; distinct eventNames among these"
actions          = "VARCHAR[]; eventNames, most severe first"
first_time       = "TIMESTAMP WITH TIME ZONE; UTC; of its actions; if there are none, of its use of root's addresses or user agents"
last_time        = "TIMESTAMP WITH TIME ZONE; UTC; as first_time, as are the lists"
sessions         = "VARCHAR[]; names of a role's or federated user's sessions"
opened_by        = "VARCHAR[]; callers that opened these with AssumeRole, as far as the logs show"
made             = "VARCHAR[]; credentials and resources that its actions created"
root_ips         = "VARCHAR[]; its addresses that root also used; if events of the account were excluded, the known ones, or NULL if none is known; the next two columns likewise"
root_network_ips = "VARCHAR[]; its other addresses in a network (/24, or /64 for IPv6) from which root used a key"
root_user_agents = "VARCHAR[]; its user agents that root also used"
shared_count     = "BIGINT; its events from such addresses or with such user agents; NULL if events of the account were excluded"
eventID          = "VARCHAR; the first of these events, cite this; NULL for not_loaded"
evidence_id      = "INTEGER; the file that contains its record"
*/
WITH acts AS MATERIALIZED (
    SELECT
        m.evidence_id, m.record_index, m.result, m.made, m.severity AS word,
        strpos('info low medium high critical', m.severity) AS grade
    FROM matched_actions AS m INNER JOIN actions AS a ON m.action_id = a.action_id
    WHERE m.origin_group IN ('opening', 'other') AND a.severity IN ('high', 'critical')
),
uses AS MATERIALIZED (
    SELECT DISTINCT
        sourceIPAddress, userAgent, CASE
            WHEN accessKeyId = '' THEN NULL
            WHEN network LIKE '%:' THEN network
            ELSE concat(nullif(network, ''), '.')
        END AS network
    FROM root_session_events
    WHERE origin_group = 'activity'
),
agents AS MATERIALIZED (
    SELECT DISTINCT userAgent AS agent
    FROM uses
    WHERE userAgent <> '' AND NOT regexp_full_match(lower(userAgent), 'aws internal|[a-z0-9.-]+\.amazonaws\.com(\.cn)?')
),
-- Exclude names of AWS services in the address field.
addresses AS MATERIALIZED (
    SELECT address, address IN (SELECT sourceIPAddress FROM uses) AS is_roots
    FROM (SELECT DISTINCT sourceIPAddress AS address FROM api_calls WHERE root_basis IS NULL) AS seen
    WHERE regexp_full_match(address, '[0-9A-Fa-f]*[.:][0-9A-Fa-f:.]+') AND (
        address IN (SELECT sourceIPAddress FROM uses)
        OR EXISTS (SELECT 1 FROM uses WHERE starts_with(lower(seen.address), network))
    )
),
told AS (
    SELECT
        e.evidence_id, e.record_index, e.eventTime, e.eventID, e.eventName, e.sourceIPAddress,
        e.userIdentity.accessKeyId AS access_key, a.result, a.made, a.word, a.grade, i.address, i.is_roots, u.agent,
        e.account_id,
        -- Separate what an AWS service did in an identity's name from the identity's own actions.
        CASE WHEN a.result IS NULL THEN 3 WHEN e.invoker = 'service' THEN 2 ELSE 1 END AS part,
        nullif(e.identity_type, '') AS type, nullif(e.userIdentity.arn, '') AS arn,
        e.identity_account_id AS own_account, e.acting_user, e.acting_role,
        e.userIdentity.sessionContext.sessionIssuer AS issuer, nullif(e.userIdentity.userName, '') AS user_name,
        nullif(e.userIdentity.principalId, '') AS principal, e.userIdentity.onBehalfOf.userId AS on_behalf_of
    FROM api_calls AS e
    LEFT JOIN acts AS a ON e.evidence_id = a.evidence_id AND e.record_index = a.record_index
    LEFT JOIN addresses AS i ON e.sourceIPAddress = i.address
    LEFT JOIN agents AS u ON e.userAgent = u.agent
    WHERE e.root_basis IS NULL AND (a.result IS NOT NULL OR i.address IS NOT NULL OR u.agent IS NOT NULL)
        AND e.identity_type IS DISTINCT FROM 'AWSService'
        AND coalesce(e.userIdentity.arn, '') NOT LIKE '%:assumed-role/AWSServiceRoleFor%'
        AND (concat(e.userIdentity.type, e.userIdentity.arn, e.userIdentity.userName) <> '' OR e.invoker IS DISTINCT FROM 'service')
),
named AS (
    SELECT
        evidence_id, record_index, eventTime, eventID, eventName, sourceIPAddress, access_key, result, made, word, grade,
        address, is_roots, agent, account_id, part,
        CASE
            WHEN type = 'IAMUser' OR (type = 'FederatedUser' AND lower(trim(issuer.type)) = 'iamuser') THEN 'user'
            WHEN type = 'AssumedRole' THEN 'role'
            WHEN type = 'FederatedUser' THEN 'federated_user'
            WHEN type = 'AWSAccount' THEN 'account'
            ELSE coalesce(type, 'unknown')
        END AS kind,
        CASE
            WHEN type = 'FederatedUser' AND lower(trim(issuer.type)) = 'iamuser' THEN concat(issuer.accountId, '/', issuer.userName)
            WHEN type = 'IAMUser' THEN coalesce(acting_user, concat(own_account, '/', coalesce(principal, 'not recorded')))
            WHEN type = 'FederatedUser' THEN concat(
                own_account, '/', coalesce(user_name, nullif(regexp_extract(arn, '[^/]+$'), ''), principal)
            )
            WHEN type = 'AssumedRole' THEN concat(
                coalesce(acting_role, concat(own_account, '/', coalesce(principal, 'not recorded'))),
                -- Many people share a role of IAM Identity Center; AWS names each session after the person.
                CASE WHEN arn LIKE '%:assumed-role/AWSReservedSSO%' THEN concat('/', split_part(arn, '/', 3)) END
            )
            WHEN type = 'AWSAccount' THEN coalesce(own_account, principal, 'not recorded')
            ELSE coalesce(on_behalf_of, user_name, arn, principal, 'not recorded')
        END AS name,
        CASE
            WHEN type = 'AssumedRole' THEN split_part(arn, '/', 3)
            WHEN type = 'FederatedUser' THEN split_part(arn, '/', 2)
            WHEN type = 'AWSAccount' THEN split_part(principal, ':', 2)
        END AS session
    FROM told ANTI JOIN descendant_acts USING (evidence_id, record_index)
    WHERE $account_id = '' OR account_id = $account_id
),
-- List an identity's own actions; without any, what services did in its name; else what it shares with root.
ranked AS (
    SELECT
        *, min(part) OVER (PARTITION BY account_id, kind, name) = part AS is_told,
        row(coalesce(eventTime, TIMESTAMP WITH TIME ZONE '9999-12-31 00:00:00+00:00'), eventID, evidence_id, record_index) AS turn
    FROM named
),
openers AS (
    SELECT
        responseElements->>'$.credentials.accessKeyId' AS issued_key,
        min(coalesce(nullif(userIdentity.arn, ''), userIdentity.userName, userIdentity.invokedBy, userIdentity.principalId)) AS opener
    FROM api_calls
    WHERE eventSource = 'sts.amazonaws.com' AND eventName LIKE 'AssumeRole%'
        AND (responseElements->>'$.credentials.accessKeyId') IN (SELECT access_key FROM ranked WHERE is_told)
    GROUP BY 1
),
worst AS (
    SELECT account_id, kind, name, array_agg(eventName ORDER BY grade DESC, eventName) AS actions
    FROM (
        SELECT account_id, kind, name, eventName, max(grade) AS grade
        FROM ranked
        WHERE is_told AND part < 3
        GROUP BY account_id, kind, name, eventName
    ) AS each
    GROUP BY account_id, kind, name
),
left_out AS (
    SELECT account_id, bool_or(event_count IS NULL) AS is_uncounted, count(event_name) AS name_count,
        CAST(coalesce(sum(event_count) FILTER (WHERE event_name IS NOT NULL), 0) AS BIGINT) AS event_count,
        CAST(coalesce(sum(error_count) FILTER (WHERE event_name IS NOT NULL), 0) AS BIGINT) AS error_count,
        coalesce(array_agg(event_name ORDER BY event_count DESC, event_name) FILTER (WHERE event_name IS NOT NULL), []) AS actions,
        min(first_time) FILTER (WHERE event_name IS NOT NULL) AS first_time, max(last_time) FILTER (WHERE event_name IS NOT NULL) AS last_time
    FROM left_out_calls
    WHERE $account_id = '' OR account_id = $account_id OR account_id IS NULL
    GROUP BY account_id
)
SELECT
    r.kind AS identity_kind,
    r.name AS identity_name,
    r.account_id,
    max_by(word, grade) FILTER (WHERE is_told) AS severity,
    count(*) FILTER (WHERE part = 1) AS action_count,
    count(*) FILTER (WHERE part = 1 AND result = 'succeeded') AS success_count,
    count(*) FILTER (WHERE part = 1 AND result = 'attempted') AS failed_count,
    count(*) FILTER (WHERE part = 2) AS by_service_count,
    count(DISTINCT eventName) FILTER (WHERE is_told AND part < 3) AS name_count,
    coalesce(any_value(w.actions), []) AS actions,
    min(eventTime) FILTER (WHERE is_told) AS first_time,
    max(eventTime) FILTER (WHERE is_told) AS last_time,
    coalesce(array_agg(DISTINCT sourceIPAddress ORDER BY sourceIPAddress) FILTER (WHERE is_told AND sourceIPAddress <> ''), []) AS source_ips,
    coalesce(array_agg(DISTINCT access_key ORDER BY access_key) FILTER (WHERE is_told AND access_key <> ''), []) AS access_keys,
    coalesce(array_agg(DISTINCT session ORDER BY session) FILTER (WHERE is_told AND session <> ''), []) AS sessions,
    coalesce(array_agg(DISTINCT opener ORDER BY opener) FILTER (WHERE is_told AND opener <> ''), []) AS opened_by,
    coalesce(array_agg(DISTINCT made ORDER BY made) FILTER (WHERE is_told AND made <> ''), []) AS made,
    coalesce(array_agg(DISTINCT address ORDER BY address) FILTER (WHERE is_roots), nothing) AS root_ips,
    coalesce(array_agg(DISTINCT address ORDER BY address) FILTER (WHERE NOT is_roots), nothing) AS root_network_ips,
    coalesce(array_agg(DISTINCT agent ORDER BY agent) FILTER (WHERE agent <> ''), nothing) AS root_user_agents,
    CASE WHEN nothing IS NOT NULL THEN count(*) FILTER (WHERE address <> '' OR agent <> '') END AS shared_count,
    min_by(eventID, turn) FILTER (WHERE is_told) AS eventID,
    min_by(evidence_id, turn) FILTER (WHERE is_told) AS evidence_id,
    min_by(record_index, turn) FILTER (WHERE is_told) AS record_index
FROM (
    SELECT *, CASE WHEN NOT EXISTS (
        SELECT 1 FROM left_out AS l WHERE l.account_id IS NULL OR l.account_id = ranked.account_id
    ) THEN CAST([] AS VARCHAR[]) END AS nothing
    FROM ranked
) AS r
LEFT JOIN openers AS o ON r.access_key = o.issued_key
LEFT JOIN worst AS w ON r.account_id IS NOT DISTINCT FROM w.account_id AND r.kind = w.kind AND r.name = w.name
GROUP BY r.kind, r.name, r.account_id, r.nothing
-- If events were excluded, the times and addresses of identities that only share something with root are unknown.
HAVING nothing IS NOT NULL OR min(part) < 3
UNION ALL
SELECT
    'not_loaded', NULL, account_id, NULL, CASE WHEN NOT is_uncounted THEN event_count END,
    CASE WHEN NOT is_uncounted THEN event_count - error_count END, CASE WHEN NOT is_uncounted THEN error_count END, NULL,
    CASE WHEN NOT is_uncounted THEN name_count END, CASE WHEN NOT is_uncounted THEN actions END, first_time, last_time,
    NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL
FROM left_out
ORDER BY
    identity_kind = 'not_loaded', action_count = 0, strpos('critical high medium low info', severity) NULLS LAST, name_count DESC, action_count DESC,
    account_id NULLS LAST, identity_kind, identity_name
