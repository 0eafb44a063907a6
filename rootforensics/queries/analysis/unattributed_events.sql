/*
question = "How many events come from tables without columns for the identity's type and ARN, so that root cannot be recognized?"
misses   = "Tables that have these columns but leave them empty. Service activity, if the record itself shows it."
columns  = "account_id uri evidence_id event_count"
never_null = "uri evidence_id event_count"
[notes]
account_id  = "VARCHAR; NULL where the record does not name it"
uri         = "VARCHAR; of the table"
evidence_id = "INTEGER; the table"
event_count = "BIGINT; events that may be root's"
*/
SELECT
    c.account_id, e.uri, e.evidence_id,
    count(*) AS event_count
FROM evidence AS e INNER JOIN api_calls AS c ON e.evidence_id = c.evidence_id
WHERE
    list_contains(e.lacking, 'userIdentity.type') AND list_contains(e.lacking, 'userIdentity.arn')
    AND c.root_basis IS NULL
    AND coalesce(c.userIdentity.type, '') = '' AND coalesce(c.userIdentity.arn, '') = ''
    AND c.invoker IS DISTINCT FROM 'service' AND lower(coalesce(c.eventType, '')) <> 'awsserviceevent'
GROUP BY ALL
ORDER BY e.evidence_id, account_id NULLS FIRST
