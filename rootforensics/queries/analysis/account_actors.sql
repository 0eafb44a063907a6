/*
question = "Did one identity make all events of an account, and does any of them only read?"
misses   = "What filters and downloads left out."
columns  = "account_id low high event_count has_reads"
[notes]
account_id  = "VARCHAR; NULL where the record does not name it"
low         = "VARCHAR; the identity that sorts first"
high        = "VARCHAR; the identity that sorts last"
event_count = "BIGINT"
has_reads   = "BOOLEAN; whether any event only reads"
*/
SELECT account_id, min(actor) AS low, max(actor) AS high, count(*) AS event_count,
    coalesce(bool_or(NOT is_write), false) AS has_reads
FROM (
    SELECT coalesce(recipientAccountId, userIdentity.accountId) AS account_id, is_write,
        coalesce(userIdentity.arn, userIdentity.invokedBy, userIdentity.userName, '') AS actor
    FROM api_calls
)
GROUP BY account_id
ORDER BY account_id NULLS LAST
