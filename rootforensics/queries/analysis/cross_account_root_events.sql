/*
question = "Which root events were recorded in another account than that of the root user?"
misses   = "Records that do not name both accounts."
columns  = "evidence_id record_index root_account_id"
never_null = "evidence_id record_index root_account_id"
[notes]
root_account_id = "VARCHAR; account of the root user"
*/
SELECT evidence_id, record_index, userIdentity.accountId AS root_account_id
FROM api_calls
WHERE root_basis IS NOT NULL AND recipientAccountId <> userIdentity.accountId AND userIdentity.accountId <> ''
ORDER BY evidence_id, record_index
