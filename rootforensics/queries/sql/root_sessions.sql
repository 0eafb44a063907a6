/*
title    = "Root's sessions"
question = "How was root used: with which credentials, when, from where, with or without MFA, and for how many calls?"
attack   = ["T1078.004", "T1550.001"]
source   = "AWS CloudTrail User Guide, userIdentity element; AWS IAM User Guide, unique identifiers (AKIA, ASIA) and AssumeRoot"
misses   = "Ends of sessions: AWS records no sign-out, and last_time is the last call. Sessions without a call in the case (privileged-sessions has those of AssumeRoot). Root events outside any session, such as those of the sign-in page (root-session-events). Sessions of a long-term key, which has none: its use is split after twelve hours without a call."
first    = "first_time account_id session_kind mfa_used event_count source_ips session_id"
columns  = """
session_id account_id session_kind opened_time first_time last_time duration_seconds mfa_used event_count
sign_in_count read_count write_count unknown_count denied_count failed_count ip_count source_ips user_agent_count
user_agents overlaps access_keys services regions opener task_policy opener_mfa opener_eventID opener_citation first_eventID
first_citation last_eventID last_citation"""
never_null = """
session_id session_kind event_count sign_in_count read_count write_count unknown_count denied_count failed_count
ip_count user_agent_count first_citation last_citation"""
[params]
account_id = { type = "VARCHAR", default = "", help = "only this account (12 digits); empty for all" }
[notes]
session_id       = "VARCHAR; account, kind, start (UTC) and, if needed, key"
session_kind     = "VARCHAR; how it began: console_sign_in, aws_login, long_term_key, get_session_token, get_federation_token, assume_root, unknown"
opened_time      = "TIMESTAMP WITH TIME ZONE; UTC; when it was opened, from its opening event or the session's creationDate"
first_time       = "TIMESTAMP WITH TIME ZONE; UTC; its first event in the case"
last_time        = "TIMESTAMP WITH TIME ZONE; UTC; its last event in the case"
duration_seconds = "BIGINT; from first_time to last_time"
mfa_used         = "BOOLEAN; NULL if not recorded, and for AssumeRoot, to which root's MFA does not apply"
event_count      = "BIGINT; distinct events: the six counts that follow add up to it"
sign_in_count    = "BIGINT; sign-ins that opened it"
read_count       = "BIGINT; reads that succeeded"
write_count      = "BIGINT; writes that succeeded"
unknown_count     = "BIGINT; events whose effect (read or write) or outcome is not recorded"
denied_count     = "BIGINT; denied calls"
failed_count     = "BIGINT; calls that failed for another reason"
ip_count         = "BIGINT; distinct source addresses; more than one means that the session moved"
user_agent_count = "BIGINT; distinct user agents; a console session normally has several"
user_agents      = "VARCHAR[]"
overlaps         = "VARCHAR[]; other sessions of the account at the same time with no source address in common"
opener           = "VARCHAR; ARN of its opener, if another call issued its key"
opener_mfa       = "BOOLEAN; of an AssumeRoot session: whether the record of the call that opened it says that its caller used MFA; false also for callers of an identity provider, whose MFA AWS does not record; NULL: no such record"
opener_eventID   = "VARCHAR; the event that opened it, cite this; NULL: not in the case"
opener_citation     = "VARCHAR; evidence_id:record_index of that event"
*/
WITH sessions AS (
    SELECT * FROM root_sessions WHERE $account_id = '' OR account_id = $account_id
),
addresses AS (
    SELECT DISTINCT session_id, sourceIPAddress FROM root_session_events WHERE session_id IS NOT NULL
),
sharing AS (
    SELECT DISTINCT a.session_id, b.session_id AS other_id
    FROM addresses AS a JOIN addresses AS b ON a.sourceIPAddress = b.sourceIPAddress
),
beside AS (
    SELECT a.session_id, array_agg(DISTINCT b.session_id ORDER BY b.session_id) AS overlaps
    FROM sessions AS a
    JOIN sessions AS b
        ON a.account_id = b.account_id AND a.session_id <> b.session_id
        AND a.first_time <= b.last_time AND b.first_time <= a.last_time
    LEFT JOIN sharing AS c ON a.session_id = c.session_id AND b.session_id = c.other_id
    WHERE c.session_id IS NULL
    GROUP BY a.session_id
)
SELECT
    s.session_id, s.account_id, s.session_kind, s.opened_time, s.first_time, s.last_time, s.duration_seconds, s.mfa_used,
    s.event_count, s.sign_in_count, s.read_count, s.write_count, s.unknown_count, s.denied_count, s.failed_count,
    s.ip_count, s.source_ips,
    s.user_agent_count, s.user_agents,
    b.overlaps, s.access_keys, s.services, s.regions, s.opener, s.task_policy, s.opener_mfa,
    s.opener_eventID, s.opener_citation, s.first_eventID, s.first_citation, s.last_eventID, s.last_citation
FROM sessions AS s
LEFT JOIN beside AS b ON s.session_id = b.session_id
ORDER BY s.first_time NULLS LAST, s.session_id
