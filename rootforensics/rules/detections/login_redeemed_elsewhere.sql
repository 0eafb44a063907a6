/*
title       = "aws login authorized in one network and used in another"
severity    = "high"
attack      = ["T1550.001"]
explanation = "A console session of root authorized aws login, and the first credentials afterward went to a machine in another network. A link or a code from someone else may have tricked the person who authorized it."
benign      = "aws login --remote runs on a server or in a container, and its owner typed the code into a browser on another machine. A machine with IPv4 and IPv6, or a VPN that only one of the two programs uses, looks the same. Ask who requested the code."
source      = "AWS Sign-In User Guide, sign in through the AWS CLI (AuthorizeOAuth2Access, CreateOAuth2Token); AWS CloudTrail User Guide, record contents (sourceIPAddress)"
misses      = "An unauthorized party in the same network (/24, or /64 for IPv6). No record shows which token belongs to which authorization, so the account's first token after it is used. A token recorded in a Region whose logs are not in the case. Names of AWS services and private addresses do not count as networks. The finding cites both events."
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
