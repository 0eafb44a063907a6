/*
question = "Which of these calls changed the address, the contacts or the organization of an account, whoever made them?"
misses   = "Changes by AWS Support, and those that the console does not record."
columns  = "eventTime ordered_in account_id eventName actor from_time eventID evidence_id record_index"
never_null = "eventName evidence_id record_index"
[params]
calls = { type = "VARCHAR[]", default = [], help = "eventName of the calls that change it" }
[notes]
ordered_in = "VARCHAR; account that recorded the call"
account_id = "VARCHAR; account concerned: a management account names a member in its call"
from_time  = "TIMESTAMP WITH TIME ZONE; UTC; of the event"
*/
SELECT
    eventTime, account_id AS ordered_in,
    coalesce(nullif(requestParameters->>'$.accountId', ''), account_id) AS account_id,
    eventName, userIdentity.arn AS actor, eventTime AS from_time, eventID, evidence_id, record_index
FROM api_calls
WHERE
    outcome IS DISTINCT FROM 'failure'
    AND (
        eventSource IN ('account.amazonaws.com', 'billingconsole.amazonaws.com', 'organizations.amazonaws.com')
        OR (eventSource = 'iam.amazonaws.com' AND eventName = 'UpdateAccountEmailAddress')
    )
    AND eventName IN (SELECT unnest($calls::VARCHAR[]))
ORDER BY eventTime NULLS LAST, eventID, evidence_id, record_index
