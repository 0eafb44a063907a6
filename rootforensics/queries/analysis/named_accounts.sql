/*
question = "Which accounts do the events name as the recording or the acting account?"
misses   = "Accounts that appear only in the request or the response."
columns  = "id"
[notes]
id = "VARCHAR; 12 digits; NULL where a record names none"
*/
SELECT DISTINCT unnest([recipientAccountId, userIdentity.accountId, accountId]) AS id
FROM events
