/*
title    = "Root's sessions"
question = "How was root used: with which credentials, when, from where, and for how many calls?"
attack   = ["T1078.004", "T1550.001"]
source   = "As root_session_events; the MFA of a console session as its sign-in event tells it, of others mfaAuthenticated; calls of a long-term key carry none (AWS IAM User Guide, secure API access with MFA), but for GetSessionToken with a code"
misses   = "Ends of sessions: sign-out is not recorded, and last_time is the last call. Calls of a session that are missing from the case. Sessions that began before the first log."
uses     = ["superseded_events", "root_session_events", "root_signins"]
*/
WITH sign_ins AS (
    SELECT
        account_id, eventTime, eventName, mfa_used, eventID AS opener_eventID,
        concat(CAST(evidence_id AS VARCHAR), ':', CAST(record_index AS VARCHAR)) AS opener_citation
    FROM root_signins
    WHERE eventName IN ('ConsoleLogin', 'CreateOAuth2Token') AND signin_kind <> 'federated_sign_in' AND outcome = 'success'
    -- Events of a session cannot be assigned to one of two sign-ins within the same second: the one with weaker
    -- authentication counts.
    QUALIFY row_number() OVER (
        PARTITION BY account_id, eventTime, eventName
        ORDER BY CASE WHEN mfa_used THEN 2 WHEN mfa_used IS NULL THEN 1 ELSE 0 END, eventID, evidence_id, record_index
    ) = 1
),
-- Calls that a long-term key made with an MFA code.
with_code AS (
    SELECT evidence_id, record_index
    FROM events ANTI JOIN superseded_events USING (evidence_id, record_index)
    WHERE service = 'sts.amazonaws.com' AND action = 'GetSessionToken' AND outcome IS DISTINCT FROM 'failure'
        AND (requestParameters->>'$.serialNumber') <> ''
),
-- A view of its own, so that the engine reads the responses of these calls only.
issuing AS (
    SELECT
        eventTime, eventID, evidence_id, record_index, userIdentity.arn AS opener, requestParameters->>'$.taskPolicyArn.arn' AS task_policy,
        responseElements->>'$.credentials.accessKeyId' AS access_key_id,
        lower(userIdentity.sessionContext.attributes.mfaAuthenticated) AS opener_mfa
    FROM events ANTI JOIN superseded_events USING (evidence_id, record_index)
    WHERE service = 'sts.amazonaws.com' AND concat(action, '') IN ('AssumeRoot', 'GetSessionToken', 'GetFederationToken')
    UNION ALL
    SELECT eventTime, eventID, evidence_id, record_index, userIdentity.arn, CAST(NULL AS VARCHAR), responseElements->>'$.accessKey.accessKeyId', CAST(NULL AS VARCHAR)
    FROM events ANTI JOIN superseded_events USING (evidence_id, record_index)
    WHERE service = 'iam.amazonaws.com' AND action = 'CreateAccessKey'
),
issued AS (
    SELECT
        access_key_id,
        min(eventTime) AS eventTime,
        nullif(min_by(coalesce(eventID, ''), row(coalesce(eventTime, TIMESTAMP WITH TIME ZONE '9999-12-31 00:00:00+00:00'), coalesce(eventID, ''), evidence_id, record_index)), '') AS opener_eventID,
        min_by(concat(CAST(evidence_id AS VARCHAR), ':', CAST(record_index AS VARCHAR)), row(coalesce(eventTime, TIMESTAMP WITH TIME ZONE '9999-12-31 00:00:00+00:00'), coalesce(eventID, ''), evidence_id, record_index)) AS opener_citation,
        min_by(opener, row(coalesce(eventTime, TIMESTAMP WITH TIME ZONE '9999-12-31 00:00:00+00:00'), coalesce(eventID, ''), evidence_id, record_index)) AS opener,
        min_by(task_policy, row(coalesce(eventTime, TIMESTAMP WITH TIME ZONE '9999-12-31 00:00:00+00:00'), coalesce(eventID, ''), evidence_id, record_index)) AS task_policy,
        bool_and(opener_mfa = 'true') AS opener_mfa
    FROM issuing
    WHERE access_key_id <> ''
    GROUP BY access_key_id
),
grouped AS (
    SELECT
        account_id,
        session_id,
        session_kind,
        min(begun_time) AS begun_time,
        min(eventTime) AS first_time,
        max(eventTime) AS last_time,
        bool_and(mfaAuthenticated = 'true') AS mfa_authenticated,
        count(w.record_index) AS with_code_count,
        count(*) AS event_count,
        count(*) FILTER (WHERE opens <> '') AS sign_in_count,
        count(*) FILTER (WHERE opens = '' AND outcome = 'success' AND NOT is_write) AS read_count,
        count(*) FILTER (WHERE opens = '' AND outcome = 'success' AND is_write) AS write_count,
        count(*) FILTER (WHERE opens = '' AND (outcome IS NULL OR (outcome = 'success' AND is_write IS NULL))) AS unknown_count,
        count(*) FILTER (WHERE outcome = 'failure' AND regexp_matches(lower(coalesce(errorCode, '')), 'denied|unauthorized|notauthorized'))
            AS denied_count,
        count(*) FILTER (WHERE outcome = 'failure' AND NOT regexp_matches(lower(coalesce(errorCode, '')), 'denied|unauthorized|notauthorized'))
            AS failed_count,
        count(DISTINCT sourceIPAddress) AS ip_count,
        count(DISTINCT userAgent) AS user_agent_count,
        array_agg(DISTINCT sourceIPAddress ORDER BY sourceIPAddress) FILTER (WHERE sourceIPAddress IS NOT NULL) AS source_ips,
        array_agg(DISTINCT userAgent ORDER BY userAgent) FILTER (WHERE userAgent IS NOT NULL) AS user_agents,
        array_agg(DISTINCT accessKeyId ORDER BY accessKeyId) FILTER (WHERE accessKeyId <> '') AS access_keys,
        array_agg(DISTINCT eventSource ORDER BY eventSource) FILTER (WHERE eventSource IS NOT NULL) AS services,
        array_agg(DISTINCT awsRegion ORDER BY awsRegion) FILTER (WHERE awsRegion IS NOT NULL) AS regions,
        min(actor) AS actor,
        coalesce(
            min(accessKeyId) FILTER (WHERE accessKeyId IN (SELECT access_key_id FROM issued)),
            min(accessKeyId) FILTER (WHERE accessKeyId <> '')
        ) AS any_access_key,
        nullif(min_by(coalesce(eventID, ''), row(coalesce(eventTime, TIMESTAMP WITH TIME ZONE '9999-12-31 00:00:00+00:00'), coalesce(eventID, ''), e.evidence_id, e.record_index)), '') AS first_eventID,
        min_by(concat(CAST(e.evidence_id AS VARCHAR), ':', CAST(e.record_index AS VARCHAR)), row(coalesce(eventTime, TIMESTAMP WITH TIME ZONE '9999-12-31 00:00:00+00:00'), coalesce(eventID, ''), e.evidence_id, e.record_index)) AS first_citation,
        nullif(max_by(coalesce(eventID, ''), row(coalesce(eventTime, TIMESTAMP WITH TIME ZONE '0001-01-01 00:00:00+00:00'), coalesce(eventID, ''), e.evidence_id, e.record_index)), '') AS last_eventID,
        max_by(concat(CAST(e.evidence_id AS VARCHAR), ':', CAST(e.record_index AS VARCHAR)), row(coalesce(eventTime, TIMESTAMP WITH TIME ZONE '0001-01-01 00:00:00+00:00'), coalesce(eventID, ''), e.evidence_id, e.record_index)) AS last_citation
    FROM root_session_events AS e
    LEFT JOIN with_code AS w ON e.evidence_id = w.evidence_id AND e.record_index = w.record_index
    WHERE session_id IS NOT NULL
    GROUP BY account_id, session_id, session_kind
),
-- The sign-in of aws login may be recorded a second before or after its credentials.
opened AS (
    SELECT g.account_id, g.session_id, s.eventTime, s.mfa_used, s.opener_eventID, s.opener_citation
    FROM grouped AS g INNER JOIN sign_ins AS s ON g.account_id = s.account_id
        AND CASE g.session_kind WHEN 'console_sign_in' THEN 'ConsoleLogin' WHEN 'aws_login' THEN 'CreateOAuth2Token' END = s.eventName
        AND s.eventTime >= g.begun_time - INTERVAL '1' SECOND AND s.eventTime <= g.begun_time + INTERVAL '1' SECOND
    WHERE g.session_kind = 'aws_login' OR g.begun_time = s.eventTime
    QUALIFY row_number() OVER (
        PARTITION BY g.account_id, g.session_id
        ORDER BY abs(extract(epoch FROM s.eventTime) - extract(epoch FROM g.begun_time)), s.eventTime
    ) = 1
)
SELECT
    g.account_id,
    g.session_id,
    g.session_kind,
    g.actor,
    coalesce(s.eventTime, i.eventTime, g.begun_time) AS opened_time,
    g.first_time,
    g.last_time,
    CAST(extract(epoch FROM g.last_time) - extract(epoch FROM g.first_time) AS BIGINT) AS duration_seconds,
    CASE
        -- Root's MFA does not apply: such a session relies on the MFA of the identity that opened it.
        WHEN g.session_kind = 'assume_root' THEN NULL
        WHEN s.mfa_used IS NOT NULL THEN s.mfa_used
        -- Calls signed with the key itself carry no MFA, except the call that requests a session with a code.
        WHEN g.session_kind = 'long_term_key' THEN coalesce(g.mfa_authenticated, false) OR g.with_code_count = g.event_count
        WHEN g.session_kind = 'unknown' AND NOT coalesce(g.mfa_authenticated, false) THEN NULL
        ELSE g.mfa_authenticated
    END AS mfa_used,
    CASE WHEN s.opener_citation IS NULL THEN i.opener_eventID ELSE s.opener_eventID END AS opener_eventID,
    coalesce(s.opener_citation, i.opener_citation) AS opener_citation,
    i.opener,
    i.task_policy,
    CASE WHEN g.session_kind = 'assume_root' THEN i.opener_mfa END AS opener_mfa,
    g.event_count, g.sign_in_count, g.read_count, g.write_count, g.unknown_count, g.denied_count, g.failed_count,
    g.ip_count, g.source_ips, g.user_agent_count, g.user_agents, g.access_keys, g.services, g.regions,
    g.first_eventID, g.first_citation,
    g.last_eventID, g.last_citation
FROM grouped AS g
LEFT JOIN opened AS s ON g.account_id = s.account_id AND g.session_id = s.session_id
LEFT JOIN issued AS i
    ON g.session_kind IN ('assume_root', 'get_session_token', 'get_federation_token', 'long_term_key') AND g.any_access_key = i.access_key_id
