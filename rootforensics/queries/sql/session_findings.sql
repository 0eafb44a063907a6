/*
title    = "Findings of each session"
question = "Which findings have an event in which root session?"
attack   = ["T1078.004"]
source   = "The detections (rootforensics/rules/detections) and the catalogue of actions, with their usual thresholds; root_sessions"
misses   = "Findings outside any session, such as failed sign-ins, recoveries and actions of identities that root created (findings). Thresholds other than the default ones (findings)."
uses     = ["findings", "root_session_events", "root_sessions"]
first    = "first_time account_id session_kind worst finding_count findings"
columns  = "session_id account_id session_kind first_time last_time finding_count worst findings eventIDs citations"
never_null = "session_id session_kind finding_count"
[params]
account_id = { type = "VARCHAR", default = "", help = "only this account (12 digits); empty for all" }
severity   = { type = "VARCHAR", default = "low", help = "at least this: info, low, medium, high or critical" }
[notes]
session_id    = "VARCHAR; of root_sessions"
session_kind  = "VARCHAR; how it began"
first_time    = "TIMESTAMP WITH TIME ZONE; UTC; the session's first event in the case"
last_time     = "TIMESTAMP WITH TIME ZONE; UTC; its last"
finding_count = "BIGINT; findings with an event in it; 0 if there are none"
worst         = "VARCHAR; highest severity among them; NULL if there are none"
findings      = "VARCHAR[]; their names, most severe first; attempts are marked"
eventIDs      = "VARCHAR[]; the events of the session that they cite, in chronological order"
*/
WITH told AS (
    SELECT f.severity, f.result, f.finding, f.citations, session_id
    FROM findings AS f CROSS JOIN unnest(f.session_ids) AS listed(session_id)
    WHERE strpos('info low medium high critical', f.severity) >= strpos('info low medium high critical', $severity)
),
cited AS (
    SELECT DISTINCT t.session_id, e.eventTime, e.eventID, e.evidence_id, e.record_index, listed.citation
    FROM told AS t CROSS JOIN unnest(t.citations) AS listed(citation)
    INNER JOIN root_session_events AS e
        ON t.session_id = e.session_id AND listed.citation = concat(e.evidence_id, ':', e.record_index)
),
listed AS (
    SELECT
        session_id,
        array_agg(eventID ORDER BY eventTime, eventID, evidence_id, record_index) AS eventIDs,
        array_agg(citation ORDER BY eventTime, eventID, evidence_id, record_index) AS citations
    FROM cited
    GROUP BY session_id
),
graded AS (
    SELECT DISTINCT
        session_id, severity, strpos('info low medium high critical', severity) AS grade,
        CASE result WHEN 'succeeded' THEN finding ELSE concat(finding, ' (', result, ')') END AS name
    FROM told
),
named AS (
    SELECT session_id, max_by(severity, grade) AS worst, array_agg(name ORDER BY grade DESC, name) AS findings
    FROM graded
    GROUP BY session_id
),
counted AS (
    SELECT session_id, count(*) AS finding_count FROM told GROUP BY session_id
)
SELECT
    s.session_id, s.account_id, s.session_kind, s.first_time, s.last_time, coalesce(c.finding_count, 0) AS finding_count,
    n.worst, n.findings, l.eventIDs, l.citations
FROM root_sessions AS s
LEFT JOIN named AS n ON s.session_id = n.session_id
LEFT JOIN counted AS c ON s.session_id = c.session_id
LEFT JOIN listed AS l ON s.session_id = l.session_id
WHERE $account_id = '' OR s.account_id = $account_id
ORDER BY s.first_time NULLS LAST, s.session_id
