/*
title       = "E-mail or domain redirected, then root's password recovered"
severity    = "critical"
attack      = ["T1584.002", "T1078.004"]
explanation = "Mail records or name servers of a domain were changed, and root's password was recovered afterward. The change may have redirected the recovery e-mail."
benign      = "A planned move of the company's e-mail."
source      = "Amazon Route 53 API Reference, ChangeResourceRecordSets; Amazon Route 53 domains, UpdateDomainNameservers"
misses      = "The record does not show whether root's mailbox is in this domain. Changes at another provider are not recorded."
sequence = { each = "later", within = "hours" }
[params]
window_hours = { type = "INTEGER", default = 168, help = "longest time between the two" }
*/
WITH earlier AS (
    -- A separate step, so that the engine parses only the requests of these calls.
    SELECT account_id, 'succeeded' AS result, eventTime, eventID,
        evidence_id, record_index
    FROM api_calls
    WHERE eventSource = 'route53domains.amazonaws.com' AND eventName = 'UpdateDomainNameservers'
        AND outcome IS DISTINCT FROM 'failure'
    UNION ALL
    SELECT account_id, 'succeeded', eventTime, eventID, evidence_id, record_index
    FROM api_calls
    WHERE eventSource = 'route53.amazonaws.com' AND eventName = 'ChangeResourceRecordSets'
        AND outcome IS DISTINCT FROM 'failure' AND regexp_matches(CAST(requestParameters AS VARCHAR), '"type" *: *"MX"')
),
later AS (
    SELECT * FROM root_actions
    WHERE origin_group <> 'noise' AND action_id = 'signin-password-recovery-completed'
        AND result <> 'attempted'
)
