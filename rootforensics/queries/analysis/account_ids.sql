/*
question = "Which accounts appear in the events and in the names of the files?"
misses   = "Accounts that appear only in the request, the response or a text."
columns  = "found"
[notes]
found = "VARCHAR; 12 digits, or the value in the record; NULL if it has none"
*/
SELECT DISTINCT unnest([recipientAccountId, userIdentity.accountId, userIdentity.sessionContext.sessionIssuer.accountId])
    AS found
FROM events
UNION
SELECT account_id
FROM evidence
