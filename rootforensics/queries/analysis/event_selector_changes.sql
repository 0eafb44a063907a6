/*
question = "Which management events did new event selectors of a trail keep?"
misses   = "Selectors from before the first log, and those whose request is not in the record."
columns  = "keeps evidence_id record_index"
never_null = "evidence_id record_index"
[notes]
keeps = "VARCHAR; all, or only writes; NULL if it is less or unknown"
*/
SELECT k.keeps, c.evidence_id, c.record_index
FROM api_calls AS c INNER JOIN trail_changes AS k
    ON c.evidence_id = k.evidence_id AND c.record_index = k.record_index
WHERE c.eventName = 'PutEventSelectors' AND c.outcome IS DISTINCT FROM 'failure'
