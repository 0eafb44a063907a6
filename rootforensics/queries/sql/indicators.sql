/*
title    = "Indicators"
question = "Which addresses, user agents, keys, identities and accounts should be searched for elsewhere, because root or identities that descend from it used them?"
attack   = ["T1078.004"]
source   = "AWS CloudTrail User Guide, record contents (sourceIPAddress, userAgent) and userIdentity element"
misses   = "Whether the owner or an unauthorized party used root: review each indicator before you block or share it. Names of AWS services instead of an address or user agent, which are not indicators. Activity that only possibly descends from root (descendant-actions). Keys, users and roles that root created and no one used: the command indicators and case.indicators add them."
uses     = ["root_activity", "descendant_events"]
first    = "kind value used_by event_count first_time first_eventID"
columns  = """
kind value used_by account_ids event_count success_count signin_count first_time last_time first_eventID first_citation
last_eventID last_citation"""
never_null = "kind value used_by account_ids event_count success_count signin_count first_citation"
[params]
account_id = { type = "VARCHAR", default = "", help = "only what was recorded in this account (12 digits); empty for all" }
[notes]
kind          = "VARCHAR; ipv4, ipv6, user_agent, access_key, identity, or account (a product provider that acted with temporary delegated access, userIdentity.invokedByDelegate)"
value         = "VARCHAR; as recorded"
used_by       = "VARCHAR; root, descendant (of root), both, or possible descendant (an identity that root only changed, or a service acting for one)"
account_ids   = "VARCHAR[]; accounts where it was recorded"
success_count = "BIGINT; of these, those that did not fail"
last_eventID  = "VARCHAR; the last one"
*/
WITH acts AS (
    SELECT
        eventTime, eventID, evidence_id, record_index, account_id, outcome, eventName, responseElements, sourceIPAddress, userAgent, userIdentity,
        'root' AS used_by
    FROM root_activity
    UNION ALL
    SELECT
        eventTime, eventID, evidence_id, record_index, account_id, outcome, eventName, responseElements, sourceIPAddress, userAgent, userIdentity,
        CASE WHEN certainty = 'certain' THEN 'descendant' ELSE 'possible descendant' END
    FROM descendant_events
),
seen AS (
    SELECT
        CASE
            WHEN regexp_full_match(sourceIPAddress, '[0-9]{1,3}(\.[0-9]{1,3}){3}') THEN 'ipv4'
            WHEN regexp_full_match(sourceIPAddress, '[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*') THEN 'ipv6'
        END AS kind,
        sourceIPAddress AS value, *
    FROM acts
    UNION ALL
    SELECT 'user_agent', userAgent, *
    FROM acts
    WHERE NOT regexp_full_match(lower(userAgent), 'aws internal|[a-z0-9.-]+\.amazonaws\.com(\.cn)?')
    UNION ALL
    SELECT 'access_key', userIdentity.accessKeyId, * FROM acts
    UNION ALL
    SELECT 'identity', userIdentity.arn, * FROM acts
    UNION ALL
    SELECT 'account', userIdentity.invokedByDelegate.accountId, * FROM acts
)
SELECT
    kind,
    value,
    CASE
        WHEN count(DISTINCT used_by) FILTER (WHERE used_by <> 'possible descendant') = 2 THEN 'both'
        ELSE coalesce(min(used_by) FILTER (WHERE used_by <> 'possible descendant'), 'possible descendant')
    END AS used_by,
    coalesce(array_agg(DISTINCT account_id ORDER BY account_id) FILTER (WHERE account_id IS NOT NULL), []) AS account_ids,
    count(*) AS event_count,
    count(*) FILTER (WHERE outcome IS DISTINCT FROM 'failure') AS success_count,
    count(*) FILTER (WHERE eventName = 'ConsoleLogin' AND (responseElements->>'$.ConsoleLogin') = 'Success') AS signin_count,
    min(eventTime) AS first_time,
    max(eventTime) AS last_time,
    nullif(min_by(coalesce(eventID, ''), row(coalesce(eventTime, TIMESTAMP WITH TIME ZONE '9999-12-31 00:00:00+00:00'), coalesce(eventID, ''), evidence_id, record_index)), '') AS first_eventID,
    min_by(concat(CAST(evidence_id AS VARCHAR), ':', CAST(record_index AS VARCHAR)), row(coalesce(eventTime, TIMESTAMP WITH TIME ZONE '9999-12-31 00:00:00+00:00'), coalesce(eventID, ''), evidence_id, record_index)) AS first_citation,
    nullif(max_by(coalesce(eventID, ''), row(coalesce(eventTime, TIMESTAMP WITH TIME ZONE '0001-01-01 00:00:00+00:00'), coalesce(eventID, ''), evidence_id, record_index)), '') AS last_eventID,
    max_by(concat(CAST(evidence_id AS VARCHAR), ':', CAST(record_index AS VARCHAR)), row(coalesce(eventTime, TIMESTAMP WITH TIME ZONE '0001-01-01 00:00:00+00:00'), coalesce(eventID, ''), evidence_id, record_index)) AS last_citation
FROM seen
WHERE kind <> '' AND value <> '' AND ($account_id = '' OR account_id = $account_id)
GROUP BY kind, value
ORDER BY strpos('ipv4 ipv6 user_agent access_key identity account', kind), first_time NULLS LAST, value
