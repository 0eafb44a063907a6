/*
question = "Which sessions, access keys and networks link the addresses from which root was used?"
misses   = "Links between sessions that no record shows, such as a password that two people know."
uses     = ["root_session_events", "root_sessions"]
columns  = "account_id sourceIPAddress link"
never_null = "sourceIPAddress link"
[notes]
account_id = "VARCHAR; 12 digits; NULL: not recorded"
link       = "VARCHAR; a session that was used or opened from the address, an access key, or a network (/24, or /64 for IPv6)"
*/
SELECT account_id, sourceIPAddress, session_id AS link FROM root_session_events WHERE sourceIPAddress <> '' AND session_id <> ''
UNION
SELECT account_id, sourceIPAddress, accessKeyId FROM root_session_events WHERE sourceIPAddress <> '' AND accessKeyId <> ''
UNION
SELECT account_id, sourceIPAddress, network FROM root_session_events WHERE sourceIPAddress <> '' AND network <> ''
UNION
-- The call that issued the credentials of a session.
SELECT e.account_id, e.sourceIPAddress, s.session_id
FROM root_sessions AS s INNER JOIN root_session_events AS e ON s.opener_citation = concat(e.evidence_id, ':', e.record_index)
WHERE e.sourceIPAddress <> ''
ORDER BY account_id, sourceIPAddress, link
