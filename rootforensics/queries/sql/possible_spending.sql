/*
title    = "Costly calls of those that perhaps descend from root"
question = "Which calls that cost money were made by identities that root only opened, or by a service in the name of a descendant?"
attack   = ["T1496"]
source   = "The catalogue of actions, its costs; the view descendant_acts, where its certainty is possible"
misses   = "Identities that root gave rights without opening them; what the catalogue of actions does not list. Of an action with a condition every call counts. Whoever had such an identity before has it still: the calls may be theirs."
uses     = ["descendant_acts", "root_events"]
[params]
account_id = { type = "VARCHAR", default = "", help = "only this account (12 digits); empty for all" }
[columns]
eventTime    = "TIMESTAMP WITH TIME ZONE; UTC"
account_id   = "VARCHAR"
awsRegion    = "VARCHAR"
eventSource  = "VARCHAR"
eventName    = "VARCHAR"
actor        = "VARCHAR; ARN of the identity"
eventID      = "VARCHAR; cite this"
evidence_id  = "INTEGER; the object that holds the record"
record_index = "INTEGER; its position there, from 0"
*/
WITH perhaps AS (
    SELECT evidence_id, record_index
    FROM descendant_acts
    GROUP BY evidence_id, record_index
    HAVING min(certainty) = 'possible'
),
costly AS (
    SELECT DISTINCT call_source, call_name FROM actions WHERE costs IS NOT NULL
)
SELECT
    e.eventTime, coalesce(e.recipientAccountId, e.userIdentity.accountId) AS account_id, e.awsRegion, e.eventSource, e.eventName,
    e.userIdentity.arn AS actor, e.eventID, e.evidence_id, e.record_index
FROM events AS e
INNER JOIN costly AS c ON e.eventSource = c.call_source AND e.eventName = c.call_name
INNER JOIN perhaps AS p ON e.evidence_id = p.evidence_id AND e.record_index = p.record_index
WHERE e.outcome IS DISTINCT FROM 'failure'
    AND NOT EXISTS (SELECT 1 FROM root_events AS r WHERE r.evidence_id = e.evidence_id AND r.record_index = e.record_index)
    AND ($account_id = '' OR coalesce(e.recipientAccountId, e.userIdentity.accountId) = $account_id)
ORDER BY e.eventTime NULLS LAST, e.eventID, e.evidence_id, e.record_index
