/*
question = "Which root events were recorded in an account other than root's own?"
misses   = "Records that do not name both accounts."
columns  = "evidence_id record_index root_account_id"
never_null = "evidence_id record_index root_account_id"
[notes]
root_account_id = "VARCHAR; account of the root user"
*/
SELECT evidence_id, record_index, identity_account_id AS root_account_id
FROM api_calls
WHERE root_basis IS NOT NULL AND account_id <> identity_account_id
ORDER BY evidence_id, record_index
