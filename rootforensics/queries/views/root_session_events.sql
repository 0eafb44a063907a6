/*
title    = "Root events, each in its session"
question = "Which session does each root event belong to, or why is it outside any session?"
attack   = ["T1078.004", "T1550.001"]
source   = "AWS CloudTrail User Guide, userIdentity element; AWS IAM User Guide, unique identifiers (AKIA, ASIA) and AssumeRoot; public logs, in which the keys of a console session rotate while its creationDate stays"
misses   = "Ends of sessions, because sign-out is not recorded. Starts and ends of the use of a long-term key: it is split after twelve hours without a call. Proof of a login: credentials of aws login are matched to their CreateOAuth2Token event by its time, within a second, which AWS does not guarantee."
uses     = ["superseded_events", "root_events"]
*/
WITH issued AS (
    SELECT
        responseElements->>'$.credentials.accessKeyId' AS access_key_id,
        min(CASE action
            WHEN 'AssumeRoot' THEN 'assume_root'
            WHEN 'GetSessionToken' THEN 'get_session_token'
            ELSE 'get_federation_token'
        END) AS issued_by
    FROM events ANTI JOIN superseded_events USING (evidence_id, record_index)
    WHERE service = 'sts.amazonaws.com' AND concat(action, '') IN ('AssumeRoot', 'GetSessionToken', 'GetFederationToken')
        AND (responseElements->>'$.credentials.accessKeyId') <> ''
    GROUP BY 1
),
told AS (
    SELECT
        account_id, eventTime, awsRegion, eventSource, eventName, origin, origin_group, outcome, errorCode, readOnly, is_write,
        sourceIPAddress, userAgent,
        -- Neighboring addresses count as one: /24, or /64 as far as the spelling shows it. Names of AWS and addresses
        -- that no provider routes (AWS hosts, VPC endpoints) are not networks of a person.
        CASE
            WHEN regexp_matches(sourceIPAddress,
                '^(10|127)[.]|^192[.]168[.]|^169[.]254[.]|^172[.](1[6-9]|2[0-9]|3[01])[.]|^100[.](6[4-9]|[7-9][0-9]|1[01][0-9]|12[0-7])[.]')
                THEN NULL
            WHEN regexp_matches(sourceIPAddress, '^[0-9]{1,3}([.][0-9]{1,3}){3}$')
                THEN regexp_extract(sourceIPAddress, '^[0-9]+[.][0-9]+[.][0-9]+', 0)
            WHEN regexp_matches(sourceIPAddress, '^([0-9A-Fa-f]+:){4}') THEN lower(regexp_extract(sourceIPAddress, '^([0-9A-Fa-f]+:){4}', 0))
            WHEN regexp_matches(sourceIPAddress, '^[0-9A-Fa-f:]*:[0-9A-Fa-f:.]*$') THEN lower(regexp_replace(sourceIPAddress, '::.*$', '::'))
        END AS network,
        userIdentity.arn AS actor, coalesce(userIdentity.accessKeyId, '') AS accessKeyId,
        lower(userIdentity.sessionContext.attributes.mfaAuthenticated) AS mfaAuthenticated,
        coalesce(userIdentity.sessionContext.signInSessionArn, '') AS signInSessionArn,
        session_created_time AS created_time,
        CASE
            WHEN eventSource <> 'signin.amazonaws.com' OR outcome IS DISTINCT FROM 'success' THEN ''
            -- A federated session that opens the console continues with its credentials.
            WHEN origin = 'federated_session' THEN ''
            WHEN eventName IN ('ConsoleLogin', 'CreateOAuth2Token') THEN eventName
            ELSE ''
        END AS opens,
        origin = 'console' OR lower(coalesce(sessionCredentialFromConsole, '')) = 'true' AS is_console,
        eventID, evidence_id, record_index
    FROM root_events
),
-- A billing page sends only the key of the session.
keys AS (
    SELECT account_id, accessKeyId, min(created_time) AS created_time
    FROM told
    WHERE origin_group = 'activity' AND accessKeyId LIKE 'ASIA%' AND created_time IS NOT NULL
    GROUP BY account_id, accessKeyId
),
logins AS (
    SELECT account_id, created_time, min(signInSessionArn) AS arn
    FROM told
    WHERE origin_group = 'activity' AND signInSessionArn <> ''
    GROUP BY account_id, created_time
),
-- The record of a login and its credentials may differ by a second: the nearest login counts.
begun_logins AS (
    SELECT t.evidence_id, t.record_index, l.arn, l.created_time
    FROM told AS t INNER JOIN logins AS l ON t.account_id = l.account_id
        AND l.created_time >= t.eventTime - INTERVAL '1' SECOND AND l.created_time <= t.eventTime + INTERVAL '1' SECOND
    WHERE t.opens = 'CreateOAuth2Token'
    QUALIFY row_number() OVER (
        PARTITION BY t.evidence_id, t.record_index
        ORDER BY abs(extract(epoch FROM l.created_time) - extract(epoch FROM t.eventTime)), l.created_time
    ) = 1
),
dated AS (
    SELECT
        t.*,
        i.issued_by,
        CASE WHEN i.issued_by IS NOT NULL THEN t.accessKeyId END AS issued_key,
        coalesce(nullif(t.signInSessionArn, ''), l.arn, '') AS login_arn,
        CASE WHEN t.opens <> '' THEN coalesce(l.created_time, t.eventTime) ELSE coalesce(t.created_time, k.created_time) END AS begun_time
    FROM told AS t
    LEFT JOIN issued AS i ON t.accessKeyId = i.access_key_id
    LEFT JOIN keys AS k ON t.account_id = k.account_id AND t.accessKeyId = k.accessKeyId
    LEFT JOIN begun_logins AS l ON t.evidence_id = l.evidence_id AND t.record_index = l.record_index
),
-- In the console the keys of a federated session rotate: the issued key stands for those that follow it.
keyed AS (
    SELECT
        *,
        coalesce(issued_key, CASE
            WHEN origin = 'federated_session' AND begun_time IS NOT NULL
                THEN min(issued_key) OVER (PARTITION BY account_id, origin, begun_time, actor)
        END) AS session_key
    FROM dated
),
tied AS (
    SELECT
        *,
        CASE
            WHEN origin_group = 'noise' THEN NULL
            WHEN opens = 'ConsoleLogin' THEN 'created'
            WHEN session_key IS NOT NULL THEN 'key'
            WHEN login_arn <> '' THEN 'login'
            WHEN opens <> '' THEN NULL
            WHEN origin = 'federated_session' AND begun_time IS NOT NULL THEN 'federated'
            WHEN accessKeyId LIKE 'AKIA%' THEN 'key'
            WHEN begun_time IS NOT NULL THEN 'created'
            WHEN accessKeyId <> '' THEN 'key'
        END AS tie
    FROM keyed
),
named AS (
    SELECT
        *,
        CASE tie
            WHEN 'created' THEN strftime(begun_time AT TIME ZONE 'UTC', '%Y-%m-%dT%H:%M:%SZ')
            WHEN 'federated' THEN concat(strftime(begun_time AT TIME ZONE 'UTC', '%Y-%m-%dT%H:%M:%SZ'), ' ', actor)
            WHEN 'login' THEN login_arn
            WHEN 'key' THEN coalesce(session_key, accessKeyId)
        END AS credential
    FROM tied
),
paused AS (
    SELECT
        *,
        CASE
            WHEN accessKeyId LIKE 'AKIA%' AND tie = 'key' AND eventTime - lag(eventTime) OVER (
                PARTITION BY account_id, tie, credential ORDER BY eventTime NULLS LAST, eventID, evidence_id, record_index
            ) > INTERVAL '12' HOUR THEN 1 ELSE 0
        END AS resumes
    FROM named
),
parted AS (
    SELECT
        *,
        sum(resumes) OVER (
            PARTITION BY account_id, tie, credential ORDER BY eventTime NULLS LAST, eventID, evidence_id, record_index
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS run
    FROM paused
),
judged AS (
    SELECT
        *,
        max(CASE
            WHEN issued_by IS NOT NULL THEN issued_by
            WHEN tie = 'login' THEN 'aws_login'
            WHEN origin = 'federated_session' THEN 'get_federation_token'
            WHEN accessKeyId LIKE 'AKIA%' THEN 'long_term_key'
        END) OVER (PARTITION BY account_id, tie, credential, run) AS kind_by_key,
        max(CASE WHEN origin = 'privileged_session' THEN 1 ELSE 0 END) OVER (PARTITION BY account_id, tie, credential, run)
            AS by_assume_root,
        max(CASE WHEN opens = 'ConsoleLogin' OR is_console THEN 1 ELSE 0 END)
            OVER (PARTITION BY account_id, tie, credential, run) AS by_console,
        min(CASE WHEN accessKeyId LIKE 'AKIA%' THEN eventTime ELSE coalesce(begun_time, eventTime) END)
            OVER (PARTITION BY account_id, tie, credential, run) AS session_time
    FROM parted
),
sorted AS (
    SELECT
        *,
        CASE
            WHEN tie IS NULL THEN NULL
            WHEN kind_by_key IS NOT NULL THEN kind_by_key
            WHEN by_assume_root = 1 THEN 'assume_root'
            WHEN by_console = 1 THEN 'console_sign_in'
            ELSE 'unknown'
        END AS session_kind
    FROM judged
)
SELECT
    account_id, eventTime, awsRegion, eventSource, eventName, origin, origin_group, outcome, errorCode, readOnly, is_write,
    sourceIPAddress, network, userAgent, actor, accessKeyId, mfaAuthenticated, opens, begun_time,
    session_kind,
    CASE
        WHEN tie IS NULL THEN NULL
        ELSE concat(
            coalesce(account_id, 'unknown'), '/', session_kind, '/',
            coalesce(strftime(session_time AT TIME ZONE 'UTC', '%Y-%m-%dT%H:%M:%SZ'), 'unknown'),
            CASE
                WHEN tie = 'key' THEN concat('/', credential)
                WHEN tie = 'federated' THEN concat('/', regexp_replace(actor, '^.*/', ''))
                WHEN tie = 'login' THEN concat('/', regexp_replace(login_arn, '^.*/', ''))
                ELSE ''
            END
        )
    END AS session_id,
    CASE
        WHEN tie IS NOT NULL THEN NULL
        WHEN origin_group = 'noise' THEN 'made by an AWS service'
        WHEN opens <> '' THEN 'a sign-in whose session made no call in the case'
        WHEN eventSource = 'signin.amazonaws.com' THEN 'before or beside a session: at the sign-in page'
        ELSE 'the record names no credential'
    END AS session_missing,
    eventID, evidence_id, record_index
FROM sorted
