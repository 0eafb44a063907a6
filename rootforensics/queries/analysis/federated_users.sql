/*
question = "Which IAM users opened the sessions of each federated user?"
misses   = "The user behind a session name that several users chose."
columns  = "actor account_id user_name"
never_null = "user_name"
[notes]
actor      = "VARCHAR; ARN of the federated user"
account_id = "VARCHAR; of the IAM user"
user_name  = "VARCHAR"
*/
SELECT DISTINCT
    userIdentity.arn AS actor, userIdentity.sessionContext.sessionIssuer.accountId AS account_id,
    userIdentity.sessionContext.sessionIssuer.userName AS user_name
FROM api_calls
WHERE
    identity_type = 'FederatedUser' AND lower(trim(userIdentity.sessionContext.sessionIssuer.type)) = 'iamuser'
    AND userIdentity.sessionContext.sessionIssuer.userName <> ''
ORDER BY ALL
