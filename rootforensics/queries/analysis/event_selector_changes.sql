/*
question = "What did new event selectors of a trail keep of management events?"
misses   = "Selectors that were set before the logs begin, and those whose request is not in the record."
columns  = "keeps evidence_id record_index"
never_null = "evidence_id record_index"
[notes]
keeps = "VARCHAR; all, or writes alone; NULL where it is less or not known"
*/
SELECT k.keeps, c.evidence_id, c.record_index
FROM api_calls AS c INNER JOIN trail_changes AS k
    ON c.evidence_id = k.evidence_id AND c.record_index = k.record_index
WHERE c.eventName = 'PutEventSelectors' AND c.outcome IS DISTINCT FROM 'failure'
