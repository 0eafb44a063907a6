/*
title       = "A command line that was authorized from one network and signed in from another"
severity    = "high"
attack      = ["T1550.001"]
explanation = "A console session of root authorized aws login, and the first credentials after it went to a machine in another network: who authorized may have been tricked into it by a link or a code that somebody else had asked for."
benign      = "aws login --remote on a server or in a container, whose code its owner typed into the browser of his own machine; a machine with IPv4 and IPv6, or a VPN that only one of the two programs uses: ask who had asked for the code."
source      = "AWS Sign-In User Guide, sign in through the AWS CLI (AuthorizeOAuth2Access, CreateOAuth2Token); AWS CloudTrail User Guide, record contents (sourceIPAddress)"
misses      = "An unauthorized party in the same network (/24, of IPv6 /64). Which token belongs to which authorization no record says: it is the first of the account after it. A token recorded in a Region of which the case has no logs. Names of AWS services and private addresses are no network. Both events are cited."
[params]
window_minutes = { type = "INTEGER", default = 15, help = "longest time from the authorization to the token" }
*/
WITH steps AS (
    SELECT account_id, eventName, network, eventTime, eventID, evidence_id, record_index
    FROM root_session_events
    WHERE origin_group = 'activity' AND eventSource = 'signin.amazonaws.com'
        AND eventName IN ('AuthorizeOAuth2Access', 'CreateOAuth2Token') AND outcome = 'success' AND eventTime IS NOT NULL
),
pairs AS (
    SELECT
        a.account_id, concat(a.evidence_id, ':', a.record_index) AS thread, a.network, a.eventTime, a.eventID, a.evidence_id,
        a.record_index, t.network AS token_network, t.eventTime AS token_time, t.eventID AS token_id,
        t.evidence_id AS token_evidence, t.record_index AS token_index
    FROM steps AS a
    INNER JOIN steps AS t ON a.account_id = t.account_id AND t.eventTime >= a.eventTime
        AND t.eventTime <= a.eventTime + $window_minutes * INTERVAL '1' MINUTE
    WHERE a.eventName = 'AuthorizeOAuth2Access' AND t.eventName = 'CreateOAuth2Token'
    QUALIFY row_number() OVER (
        PARTITION BY a.evidence_id, a.record_index ORDER BY t.eventTime, t.eventID, t.evidence_id, t.record_index
    ) = 1
)
SELECT account_id, thread, false AS attempted, eventTime, eventID, evidence_id, record_index
FROM pairs
WHERE network <> token_network
UNION ALL
SELECT account_id, thread, false, token_time, token_id, token_evidence, token_index
FROM pairs
WHERE network <> token_network
