/*
question = "What did these calls request, and in which account were they recorded?"
misses   = "Requests that CloudTrail does not record or truncates."
columns  = "evidence_id record_index asked own_account"
never_null = "evidence_id record_index"
[params]
citations = { type = "VARCHAR[]", default = [], help = "the events, as evidence_id:record_index" }
[notes]
asked       = "JSON; requestParameters"
own_account = "VARCHAR; account that recorded the call"
*/
SELECT e.evidence_id, e.record_index, e.requestParameters AS asked, e.account_id AS own_account
FROM events AS e INNER JOIN (
    SELECT
        CAST(split_part(citation, ':', 1) AS INTEGER) AS evidence_id,
        CAST(split_part(citation, ':', 2) AS INTEGER) AS record_index
    FROM (SELECT DISTINCT unnest($citations::VARCHAR[]) AS citation)
) AS p ON e.evidence_id = p.evidence_id AND e.record_index = p.record_index
