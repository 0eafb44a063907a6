/*
question = "Which accounts do the events and the names of the objects of evidence hold?"
misses   = "Accounts that stand only in the request, the response or a text."
columns  = "found"
[notes]
found = "VARCHAR; 12 digits, or whatever the record holds; NULL where it names none"
*/
SELECT DISTINCT unnest([recipientAccountId, userIdentity.accountId, userIdentity.sessionContext.sessionIssuer.accountId])
    AS found
FROM events
UNION
SELECT account_id
FROM evidence
