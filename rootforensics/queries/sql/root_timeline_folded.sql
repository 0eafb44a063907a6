/*
title    = "Root's timeline with page views combined"
question = "What was changed, tried and opened with root, and how much was read in between?"
attack   = ["T1078.004"]
source   = "AWS CloudTrail User Guide, readOnly; public logs, in which one console page makes dozens of read calls"
misses   = "Service activity attributed to root (root-noise). Actions of identities that root created. The order of events within the same second, which CloudTrail does not record."
first    = "first_time account_id what event_count outcome source_ips"
columns  = """
first_time last_time account_id session_id line_kind what event_count eventNames outcome errorCode services regions
source_ips eventIDs first_citation citations"""
never_null = "line_kind event_count eventIDs first_citation citations"
[params]
account_id = { type = "VARCHAR", default = "", help = "only this account (12 digits); empty for all" }
pause_seconds = { type = "BIGINT", default = 300, help = "reads with a longer pause between them are on separate lines" }
[notes]
first_time  = "TIMESTAMP WITH TIME ZONE; UTC, NULL last"
session_id  = "VARCHAR; NULL: outside any session"
line_kind   = "VARCHAR; sign_in (and other events of signing in), reads, write, attempt (denied or failed), opening (an AssumeRoot call), other"
what        = "VARCHAR; the eventName, or for combined reads, successful or denied, how many of which"
event_count = "BIGINT; events on this line"
eventNames  = "VARCHAR[]; each once"
errorCode   = "VARCHAR"
eventIDs    = "VARCHAR[]; all of the line, in chronological order; cite these"
first_citation = "VARCHAR; evidence_id:record_index of the first"
citations      = "VARCHAR[]; evidence_id:record_index of all, in chronological order"
*/
WITH lines AS (
    SELECT
        eventTime, account_id, session_id, coalesce(session_id, concat('none ', sourceIPAddress)) AS thread,
        CASE
            WHEN eventSource = 'signin.amazonaws.com' THEN 'sign_in'
            WHEN outcome = 'failure' THEN 'attempt'
            WHEN NOT is_write THEN 'reads'
            WHEN is_write THEN 'write'
            ELSE 'other'
        END AS line_kind,
        -- Denied reads of a console page are combined like successful ones, on a line of their own.
        coalesce(NOT is_write AND eventSource <> 'signin.amazonaws.com', false) AS is_read,
        eventSource, eventName, awsRegion, outcome, errorCode, sourceIPAddress, eventID, evidence_id, record_index
    FROM root_session_events
    WHERE origin_group = 'activity'
    UNION ALL
    SELECT
        eventTime, account_id, NULL, 'opening', 'opening', false, eventSource, eventName, awsRegion,
        outcome, errorCode, sourceIPAddress, eventID, evidence_id, record_index
    FROM (
        SELECT
            * REPLACE (coalesce(identity_account_id, account_id) AS account_id)
        FROM api_calls
        WHERE eventSource = 'sts.amazonaws.com' AND eventName = 'AssumeRoot'
    ) AS opened
    WHERE root_basis IS NULL
),
before AS (
    SELECT
        *,
        lag(is_read) OVER (
            PARTITION BY account_id, thread ORDER BY eventTime NULLS LAST, eventID, evidence_id, record_index
        ) AS read_before,
        lag(eventTime) OVER (
            PARTITION BY account_id, thread ORDER BY eventTime NULLS LAST, eventID, evidence_id, record_index
        ) AS time_before
    FROM lines
    WHERE $account_id = '' OR account_id = $account_id
),
runs AS (
    SELECT
        *,
        sum(CASE
            WHEN is_read AND read_before
                AND extract(epoch FROM eventTime) - extract(epoch FROM time_before) <= $pause_seconds THEN 0
            ELSE 1
        END) OVER (
            PARTITION BY account_id, thread ORDER BY eventTime NULLS LAST, eventID, evidence_id, record_index
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS run
    FROM before
)
SELECT
    min(eventTime) AS first_time,
    max(eventTime) AS last_time,
    account_id,
    session_id,
    line_kind,
    CASE
        WHEN line_kind IN ('reads', 'attempt') AND count(*) > 1 THEN concat(CAST(count(*) AS VARCHAR),
            CASE line_kind WHEN 'reads' THEN ' reads of ' ELSE ' refused reads of ' END, CAST(count(DISTINCT eventSource) AS VARCHAR),
            CASE WHEN count(DISTINCT eventSource) = 1 THEN ' service' ELSE ' services' END)
        ELSE min(eventName)
    END AS what,
    count(*) AS event_count,
    array_agg(DISTINCT eventName ORDER BY eventName) FILTER (WHERE eventName IS NOT NULL) AS eventNames,
    min(outcome) AS outcome,
    min(errorCode) AS errorCode,
    array_agg(DISTINCT eventSource ORDER BY eventSource) FILTER (WHERE eventSource IS NOT NULL) AS services,
    array_agg(DISTINCT awsRegion ORDER BY awsRegion) FILTER (WHERE awsRegion IS NOT NULL) AS regions,
    list_transform(
        list_sort(list_transform(map_entries(histogram(sourceIPAddress)), lambda one: row(-one.value::BIGINT, one.key))), lambda one: one[2]
    ) AS source_ips,
    array_agg(eventID ORDER BY eventTime, eventID, evidence_id, record_index) AS eventIDs,
    min_by(
        concat(CAST(evidence_id AS VARCHAR), ':', CAST(record_index AS VARCHAR)),
        row(coalesce(eventTime, TIMESTAMP WITH TIME ZONE '9999-12-31 00:00:00+00:00'), coalesce(eventID, ''), evidence_id, record_index)
    ) AS first_citation,
    array_agg(
        concat(CAST(evidence_id AS VARCHAR), ':', CAST(record_index AS VARCHAR))
        ORDER BY eventTime, eventID, evidence_id, record_index
    ) AS citations
FROM runs
GROUP BY account_id, thread, session_id, line_kind, run
ORDER BY first_time NULLS LAST, eventIDs NULLS LAST, first_citation
