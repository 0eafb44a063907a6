/*
question = "Through which sign-ins, keys, sessions and single calls was root used, and what does each show about the way of access?"
misses   = "Events before the first log. Whether the password of a failed sign-in was correct. Facts that are not recorded: their columns are NULL, so they neither support nor contradict anything."
uses     = ["root_signins", "root_sessions", "root_session_events", "service_activity"]
columns  = """
account_id eventTime entry_kind credential session_id sourceIPAddress recovered guessed at_once without_mfa had_mfa by_key
by_assume_root eventID citation"""
never_null = "entry_kind citation"
[notes]
account_id      = "VARCHAR; 12 digits; NULL: not recorded"
eventTime       = "TIMESTAMP WITH TIME ZONE; UTC; of the sign-in, the first use of a key, the opening of a session"
entry_kind      = "VARCHAR; recovery, sign_in, cli_sign_in; for a session without its sign-in in the case, its session_kind; act: outside any session, so nothing is known"
credential      = "VARCHAR; ID of a long-term key"
session_id      = "VARCHAR; of root_sessions; NULL: no call of a session is in the case"
recovered       = "BOOLEAN; a recovery of the password; NULL: it follows one, or whether it succeeded is not recorded"
guessed         = "BOOLEAN; true: three failures or more from its address since the last success there; false: no failure of the account before it, or a recovery from its address within the hour before"
at_once         = "BOOLEAN; true: a sign-in without any failure or recovery of the account before it; false: without a password, or a recovery from its address within the hour before"
without_mfa     = "BOOLEAN; a sign-in or session that MFA would have prevented; NULL where MFA is not recorded"
had_mfa         = "BOOLEAN; the same with MFA"
by_key          = "BOOLEAN; a key that was not created in these logs; NULL: it was, and was used from another address"
by_assume_root  = "BOOLEAN"
citation        = "VARCHAR; evidence_id:record_index"
*/
WITH rounds AS (
    SELECT
        *, concat(evidence_id, ':', record_index) AS citation,
        signin_kind = 'sign_in' AND outcome IS DISTINCT FROM 'success' AS is_failure,
        count(*) FILTER (WHERE signin_kind = 'sign_in' AND outcome = 'success') OVER (
            PARTITION BY account_id, sourceIPAddress ORDER BY eventTime NULLS FIRST, evidence_id, record_index
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS round
    FROM root_signins
),
-- An event without a time may precede any other.
counted AS (
    SELECT
        *, outcome = 'success' AND eventTime IS NOT NULL AS is_sure,
        count(*) FILTER (WHERE is_failure) OVER before AS failures,
        count(*) FILTER (WHERE is_failure) OVER (PARTITION BY account_id, sourceIPAddress, round) AS failures_there,
        count(*) FILTER (WHERE signin_kind LIKE 'recovery_%' AND outcome IS DISTINCT FROM 'failure') OVER before AS recoveries,
        sourceIPAddress <> '' AND eventTime - max(CASE WHEN signin_kind = 'recovery_completed' AND outcome = 'success' THEN eventTime END)
            OVER (PARTITION BY account_id, sourceIPAddress ORDER BY eventTime NULLS FIRST) <= INTERVAL '1' HOUR AS is_fresh
    FROM rounds
    WINDOW before AS (PARTITION BY account_id ORDER BY eventTime NULLS FIRST)
),
-- Facts known about each entry; unknown ones are NULL.
facts AS (
    SELECT
        c.account_id, c.eventTime, CASE c.signin_kind WHEN 'recovery_completed' THEN 'recovery' ELSE c.signin_kind END AS entry_kind,
        s.session_id, c.sourceIPAddress, c.eventID, c.citation,
        CASE WHEN c.is_sure THEN c.recoveries END AS recoveries,
        CASE WHEN c.is_sure AND c.signin_kind = 'sign_in' THEN c.failures END AS failures,
        CASE WHEN c.is_sure AND c.signin_kind = 'sign_in' THEN c.failures_there END AS failures_there,
        CASE WHEN c.is_sure AND c.signin_kind = 'sign_in' THEN c.is_fresh END AS is_fresh,
        CASE WHEN c.outcome = 'success' THEN coalesce(c.mfa_used, s.mfa_used) END AS mfa_used,
        CASE WHEN c.outcome = 'success' THEN true END AS is_opened
    FROM counted AS c LEFT JOIN root_sessions AS s ON c.citation = s.opener_citation
    WHERE c.signin_kind IN ('sign_in', 'cli_sign_in', 'recovery_completed') AND c.eventName <> 'AuthorizeOAuth2Access'
        AND c.outcome IS DISTINCT FROM 'failure'
    UNION ALL BY NAME
    -- For a long-term key, its own use is the entry; for other sessions, the call that opened them, if it is in the
    -- case.
    SELECT
        s.account_id, CASE s.session_kind WHEN 'long_term_key' THEN s.first_time ELSE coalesce(s.opened_time, s.first_time) END AS eventTime,
        s.session_kind AS entry_kind, s.session_id, s.source_ips[1] AS sourceIPAddress, s.mfa_used, true AS is_opened,
        CASE WHEN s.session_kind = 'assume_root' AND s.opener_citation IS NOT NULL THEN s.opener_eventID ELSE s.first_eventID END AS eventID,
        CASE WHEN s.session_kind = 'assume_root' THEN coalesce(s.opener_citation, s.first_citation) ELSE s.first_citation END AS citation,
        CASE s.session_kind WHEN 'long_term_key' THEN s.access_keys[1] END AS credential,
        CASE WHEN s.opener_citation IS NULL THEN true WHEN s.source_ips = [made.sourceIPAddress] THEN false END AS is_foreign
    FROM root_sessions AS s
    LEFT JOIN api_calls AS made ON s.opener_citation = concat(made.evidence_id, ':', made.record_index) AND made.eventName = 'CreateAccessKey'
    WHERE s.opener_citation IS NULL OR s.session_kind IN ('long_term_key', 'assume_root')
    UNION ALL BY NAME
    -- A session without a call in the case.
    SELECT
        nullif(regexp_extract(a.requestParameters->>'$.targetPrincipal', '[0-9]{12}', 0), '') AS account_id, a.eventTime,
        'assume_root' AS entry_kind, a.sourceIPAddress, a.eventID, concat(a.evidence_id, ':', a.record_index) AS citation,
        CASE WHEN a.outcome = 'success' THEN true END AS is_opened
    FROM api_calls AS a LEFT JOIN root_sessions AS s ON s.opener_citation = concat(a.evidence_id, ':', a.record_index)
    WHERE a.eventSource = 'sts.amazonaws.com' AND a.eventName = 'AssumeRoot' AND a.outcome IS DISTINCT FROM 'failure' AND s.session_id IS NULL
    UNION ALL BY NAME
    -- A call outside any session: as root, or as a service that only root can have used.
    SELECT
        e.account_id, e.eventTime, 'act' AS entry_kind, e.sourceIPAddress, e.eventID, concat(e.evidence_id, ':', e.record_index) AS citation
    FROM root_session_events AS e
    LEFT JOIN service_activity AS d ON e.evidence_id = d.evidence_id AND e.record_index = d.record_index
    LEFT JOIN root_signins AS k ON e.evidence_id = k.evidence_id AND e.record_index = k.record_index
        AND k.signin_kind IN ('sign_in', 'cli_sign_in', 'mfa_check', 'recovery_requested', 'recovery_completed')
        AND k.eventName <> 'AuthorizeOAuth2Access'
    WHERE e.session_id IS NULL AND (e.origin_group = 'activity' OR d.hand IN ('person', 'foreign')) AND k.signin_kind IS NULL
        AND (e.eventSource IS DISTINCT FROM 'signin.amazonaws.com' OR e.outcome IS DISTINCT FROM 'failure')
),
-- Entries without a password or an MFA device.
told AS (
    SELECT *, entry_kind IN ('recovery', 'long_term_key', 'assume_root') AS needs_neither FROM facts
)
SELECT
    account_id, eventTime, entry_kind, credential, session_id, sourceIPAddress,
    CASE WHEN entry_kind = 'recovery' THEN is_opened WHEN needs_neither OR recoveries = 0 THEN false END AS recovered,
    CASE WHEN needs_neither OR failures = 0 OR is_fresh THEN false WHEN failures_there > 2 THEN true END AS guessed,
    CASE WHEN needs_neither OR is_fresh THEN false WHEN failures + recoveries = 0 THEN true END AS at_once,
    CASE WHEN needs_neither THEN false ELSE NOT mfa_used END AS without_mfa,
    CASE WHEN needs_neither THEN false ELSE mfa_used END AS had_mfa,
    CASE
        WHEN entry_kind = 'long_term_key' THEN is_foreign
        WHEN entry_kind IN ('recovery', 'sign_in', 'cli_sign_in', 'console_sign_in', 'aws_login', 'assume_root') THEN false
    END AS by_key,
    CASE WHEN entry_kind = 'assume_root' THEN is_opened WHEN entry_kind NOT IN ('unknown', 'act') THEN false END AS by_assume_root,
    eventID, citation
FROM told
ORDER BY eventTime NULLS LAST, citation, entry_kind
