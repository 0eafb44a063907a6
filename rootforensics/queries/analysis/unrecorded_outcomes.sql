/*
question = "Which of these events have no recorded outcome, or an inferred service?"
misses   = "Outcomes that are recorded but wrong."
columns  = "evidence_id record_index is_unknown is_inferred"
never_null = "evidence_id record_index is_unknown is_inferred"
[params]
citations = { type = "VARCHAR[]", default = [], help = "the events, as evidence_id:record_index" }
[notes]
is_unknown   = "BOOLEAN; whether the outcome is not recorded"
is_inferred = "BOOLEAN; whether the service is inferred from the name of the call"
*/
SELECT evidence_id, record_index, outcome IS NULL AS is_unknown, inferred IS NOT NULL AS is_inferred
FROM events
WHERE (evidence_id, record_index) IN (
    SELECT (split_part(citation, ':', 1)::BIGINT, split_part(citation, ':', 2)::BIGINT)
    FROM unnest($citations::VARCHAR[]) AS p (citation)
)
