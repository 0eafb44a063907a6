/*
title    = "Root activity by access key"
question = "Which keys did root use: those of a console session, a long-term key, or temporary ones?"
attack   = ["T1078.004", "T1098.001"]
source   = "AWS IAM User Guide, prefixes of unique identifiers (AKIA, ASIA); AWS CloudTrail User Guide, sessionCredentialFromConsole"
misses   = "Console sessions without their sign-in and without sessionCredentialFromConsole, which count as temporary."
first    = "account_id key_kind accessKeyId event_count write_count first_time"
columns  = """
account_id key_kind accessKeyId event_count write_count write_unknown_count error_count ip_count first_time
last_time first_eventID first_citation"""
never_null = """
key_kind accessKeyId event_count write_count write_unknown_count error_count ip_count first_citation"""
[params]
account_id = { type = "VARCHAR", default = "", help = "only this account (12 digits); empty for all" }
[notes]
key_kind      = "VARCHAR; console_session, long_term_key, temporary, none"
accessKeyId   = "VARCHAR; empty if there is none"
first_eventID = "VARCHAR; the first event with this key, cite this"
*/
WITH signed_in AS (
    SELECT DISTINCT account_id, eventTime FROM root_signins
    WHERE eventName = 'ConsoleLogin' AND outcome = 'success'
),
marked AS (
    SELECT a.account_id, coalesce(a.userIdentity.accessKeyId, '') AS accessKeyId, a.is_write, a.outcome,
        a.sourceIPAddress, a.eventTime, a.eventID, a.evidence_id, a.record_index,
        lower(coalesce(a.sessionCredentialFromConsole, '')) = 'true' OR s.eventTime IS NOT NULL AS by_console
    FROM root_activity AS a
    LEFT JOIN signed_in AS s ON a.account_id = s.account_id
        AND a.session_created_time = s.eventTime
    WHERE $account_id = '' OR a.account_id = $account_id
),
console_keys AS (
    SELECT DISTINCT account_id, accessKeyId FROM marked WHERE by_console AND accessKeyId <> ''
)
SELECT
    m.account_id,
    CASE
        WHEN m.accessKeyId = '' THEN 'none'
        WHEN m.accessKeyId LIKE 'AKIA%' THEN 'long_term_key'
        WHEN k.accessKeyId IS NOT NULL THEN 'console_session'
        ELSE 'temporary'
    END AS key_kind,
    m.accessKeyId,
    count(*) AS event_count,
    count(*) FILTER (WHERE m.is_write AND m.outcome = 'success') AS write_count,
    count(*) FILTER (WHERE (m.is_write AND m.outcome = 'success') IS NULL) AS write_unknown_count,
    count(*) FILTER (WHERE m.outcome = 'failure') AS error_count,
    count(DISTINCT m.sourceIPAddress) AS ip_count,
    min(m.eventTime) AS first_time,
    max(m.eventTime) AS last_time,
    nullif(min_by(coalesce(m.eventID, ''), row(coalesce(m.eventTime, TIMESTAMP WITH TIME ZONE '9999-12-31 00:00:00+00:00'), coalesce(m.eventID, ''), m.evidence_id, m.record_index)), '') AS first_eventID,
    min_by(concat(CAST(m.evidence_id AS VARCHAR), ':', CAST(m.record_index AS VARCHAR)), row(coalesce(m.eventTime, TIMESTAMP WITH TIME ZONE '9999-12-31 00:00:00+00:00'), coalesce(m.eventID, ''), m.evidence_id, m.record_index)) AS first_citation
FROM marked AS m
LEFT JOIN console_keys AS k ON m.account_id = k.account_id AND m.accessKeyId = k.accessKeyId
GROUP BY 1, 2, 3
ORDER BY account_id NULLS LAST, key_kind, first_time NULLS LAST, accessKeyId
