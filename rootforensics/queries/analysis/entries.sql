/*
question = "By which sign-ins, keys and sessions was root used, and what does each tell of how they came in?"
misses   = "What was before the logs begin. Whether a password was right when a sign-in failed. What a column cannot tell of an entry is NULL, so that it speaks neither for nor against."
uses     = ["root_signins", "root_sessions"]
columns  = """
account_id eventTime entry_kind credential sourceIPAddress recovered guessed at_once without_mfa had_mfa by_key
by_assume_root eventID citation"""
[notes]
account_id      = "VARCHAR; 12 digits; NULL: not recorded"
eventTime       = "TIMESTAMP WITH TIME ZONE; UTC; of the sign-in, the first use of a key, the opening of a session"
entry_kind      = "VARCHAR; recovery, sign_in, cli_sign_in, key, AssumeRoot, or session: what opened it is not in the case"
credential      = "VARCHAR; of a long-term key its ID"
recovered       = "BOOLEAN; a recovery of the password; NULL: it follows one, or that is not recorded"
guessed         = "BOOLEAN; true: three failures or more from its address since the last success there; false: no failure of the account before it, or a recovery from its address within the hour before"
at_once         = "BOOLEAN; true: a sign-in without any failure or recovery of the account before it; false: without a password, or a recovery from its address within the hour before"
without_mfa     = "BOOLEAN; a sign-in or session that MFA would have kept out; NULL where MFA is not recorded"
had_mfa         = "BOOLEAN; the same with MFA"
by_key          = "BOOLEAN; a key that was not made in these logs; NULL: it was made there, and used from another address"
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
-- What has no time may have been before each.
counted AS (
    SELECT
        *,
        count(*) FILTER (WHERE is_failure) OVER before AS failures,
        count(*) FILTER (WHERE is_failure) OVER (PARTITION BY account_id, sourceIPAddress, round) AS failures_there,
        count(*) FILTER (WHERE signin_kind LIKE 'recovery_%' AND outcome IS DISTINCT FROM 'failure') OVER before AS recoveries,
        sourceIPAddress <> '' AND eventTime - max(CASE WHEN signin_kind = 'recovery_completed' AND outcome = 'success' THEN eventTime END)
            OVER (PARTITION BY account_id, sourceIPAddress ORDER BY eventTime NULLS FIRST) <= INTERVAL '1' HOUR AS is_fresh
    FROM rounds
    WINDOW before AS (PARTITION BY account_id ORDER BY eventTime NULLS FIRST)
),
sessions AS (
    SELECT s.*, made.sourceIPAddress AS made_ip
    FROM root_sessions AS s
    LEFT JOIN api_calls AS made ON s.session_kind = 'long_term_key'
        AND s.opener_citation = concat(made.evidence_id, ':', made.record_index) AND made.eventName = 'CreateAccessKey'
),
known AS (
    SELECT
        c.account_id, c.eventTime, c.signin_kind AS entry_kind, CAST(NULL AS VARCHAR) AS credential, c.sourceIPAddress,
        CASE WHEN c.recoveries = 0 AND c.eventTime IS NOT NULL THEN false END AS recovered,
        CASE
            WHEN c.signin_kind <> 'sign_in' OR c.eventTime IS NULL THEN NULL
            WHEN c.failures = 0 OR c.is_fresh THEN false
            WHEN c.failures_there > 2 THEN true
        END AS guessed,
        CASE
            WHEN c.signin_kind <> 'sign_in' OR c.eventTime IS NULL THEN NULL
            WHEN c.is_fresh THEN false
            WHEN c.failures = 0 AND c.recoveries = 0 THEN true
        END AS at_once,
        coalesce(c.mfa_used, s.mfa_used) AS mfa_used, false AS by_key, false AS by_assume_root, c.outcome, c.eventID, c.citation
    FROM counted AS c LEFT JOIN root_sessions AS s ON c.citation = s.opener_citation
    WHERE c.signin_kind IN ('sign_in', 'cli_sign_in') AND c.eventName <> 'AuthorizeOAuth2Access' AND c.outcome IS DISTINCT FROM 'failure'
)
SELECT
    account_id, eventTime, entry_kind, credential, sourceIPAddress,
    CASE WHEN outcome = 'success' THEN recovered END AS recovered, CASE WHEN outcome = 'success' THEN guessed END AS guessed,
    CASE WHEN outcome = 'success' THEN at_once END AS at_once, CASE WHEN outcome = 'success' THEN NOT mfa_used END AS without_mfa,
    CASE WHEN outcome = 'success' THEN mfa_used END AS had_mfa, by_key, by_assume_root, eventID, citation
FROM known
UNION ALL
SELECT
    account_id, eventTime, 'recovery', NULL, sourceIPAddress, true, false, false, false, false, false, false, eventID, citation
FROM rounds
WHERE signin_kind = 'recovery_completed' AND outcome = 'success'
UNION ALL
SELECT
    account_id, CASE session_kind WHEN 'long_term_key' THEN first_time ELSE coalesce(opened_time, first_time) END,
    CASE session_kind WHEN 'long_term_key' THEN 'key' WHEN 'assume_root' THEN 'AssumeRoot' ELSE 'session' END,
    CASE session_kind WHEN 'long_term_key' THEN access_keys[1] END, source_ips[1],
    CASE WHEN session_kind IN ('long_term_key', 'assume_root') THEN false END,
    CASE WHEN session_kind IN ('long_term_key', 'assume_root') THEN false END,
    CASE WHEN session_kind IN ('long_term_key', 'assume_root') THEN false END,
    CASE WHEN session_kind IN ('long_term_key', 'assume_root') THEN false ELSE NOT mfa_used END,
    CASE WHEN session_kind IN ('long_term_key', 'assume_root') THEN false ELSE mfa_used END,
    CASE
        WHEN session_kind = 'long_term_key' AND opener_citation IS NULL THEN true
        WHEN session_kind = 'long_term_key' THEN CASE WHEN source_ips = [made_ip] THEN false END
        WHEN session_kind IN ('console_sign_in', 'aws_login', 'assume_root') THEN false
    END,
    CASE WHEN session_kind = 'assume_root' THEN true WHEN session_kind <> 'unknown' THEN false END,
    CASE WHEN session_kind = 'long_term_key' OR opener_citation IS NULL THEN first_eventID ELSE opener_eventID END,
    CASE WHEN session_kind = 'long_term_key' THEN first_citation ELSE coalesce(opener_citation, first_citation) END
FROM sessions
WHERE opener_citation IS NULL OR session_kind IN ('long_term_key', 'assume_root')
UNION ALL
-- A session of which no call is in the case.
SELECT
    nullif(regexp_extract(a.requestParameters->>'$.targetPrincipal', '[0-9]{12}', 0), ''), a.eventTime, 'AssumeRoot', NULL, a.sourceIPAddress,
    false, false, false, false, false, false, CASE WHEN a.outcome = 'success' THEN true END, a.eventID,
    concat(a.evidence_id, ':', a.record_index)
FROM api_calls AS a LEFT JOIN root_sessions AS s ON s.opener_citation = concat(a.evidence_id, ':', a.record_index)
WHERE a.eventSource = 'sts.amazonaws.com' AND a.eventName = 'AssumeRoot' AND a.outcome IS DISTINCT FROM 'failure' AND s.session_id IS NULL
ORDER BY eventTime NULLS LAST, citation, entry_kind
