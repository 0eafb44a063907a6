/*
title       = "Mail or domain redirected, then a recovery"
severity    = "critical"
attack      = ["T1584.002", "T1078.004"]
explanation = "Mail records or name servers of a domain were changed, and root's password was recovered afterwards: an attack on the recovery path itself."
benign      = "A planned move of the company's mail."
source      = "Amazon Route 53 API Reference, ChangeResourceRecordSets; Amazon Route 53 domains, UpdateDomainNameservers"
misses      = "Whether root's mailbox lies in this domain cannot be told from the record; changes at another provider."
sequence = { each = "later", within = "hours" }
[params]
window_hours = { type = "INTEGER", default = 168, help = "longest time between the two" }
*/
WITH earlier AS (
    -- Apart, so that the engine reads what was asked of these calls only.
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
    WHERE origin_group <> 'noise' AND action_id LIKE 'signin-password-recovery-%'
        AND result <> 'attempted'
)
