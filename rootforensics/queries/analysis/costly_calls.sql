/*
question = "Which calls that cost money were made by these roles, or by any user or role of these accounts?"
misses   = "Calls that the catalogue of actions does not mark as costly. The amount."
columns  = """
eventTime from_time account_id awsRegion eventSource eventName actor listed result costs exposes eventID evidence_id
record_index"""
never_null = "listed result costs evidence_id record_index"
[params]
roles         = { type = "VARCHAR[]", default = [], help = "roles, as account/name" }
role_accounts = { type = "VARCHAR[]", default = [], help = "accounts of which any role counts, except service-linked ones" }
accounts      = { type = "VARCHAR[]", default = [], help = "accounts of which any user counts" }
[notes]
from_time  = "TIMESTAMP WITH TIME ZONE; UTC; of the event"
account_id = "VARCHAR; where it was recorded"
listed     = "BOOLEAN; true: the catalogue lists them"
result       = "VARCHAR; succeeded"
costs      = "VARCHAR; perhaps"
exposes    = "VARCHAR; NULL"
*/
SELECT
    eventTime, eventTime AS from_time, account_id,
    awsRegion, eventSource, eventName, userIdentity.arn AS actor, true AS listed, 'succeeded' AS result,
    'perhaps' AS costs, NULL::VARCHAR AS exposes, eventID, evidence_id, record_index
FROM api_calls
WHERE
    (eventSource, eventName) IN (SELECT (call_source, call_name) FROM actions WHERE costs IS NOT NULL)
    AND outcome IS DISTINCT FROM 'failure'
    AND CASE identity_type
        WHEN 'AssumedRole' THEN acting_role IN (SELECT unnest($roles::VARCHAR[])) OR (
            acting_role NOT LIKE '%/AWSServiceRoleFor%'
            AND split_part(acting_role, '/', 1) IN (SELECT unnest($role_accounts::VARCHAR[]))
        )
        ELSE identity_type IN ('IAMUser', 'FederatedUser')
            AND identity_account_id IN (SELECT unnest($accounts::VARCHAR[]))
    END
ORDER BY eventTime NULLS LAST, eventID, evidence_id, record_index
