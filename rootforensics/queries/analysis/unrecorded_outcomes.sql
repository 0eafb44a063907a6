/*
question = "Of which of these events is the outcome not recorded, or the service inferred?"
misses   = "Outcomes that are recorded and wrong."
columns  = "evidence_id record_index is_untold is_inferred"
[params]
places = { type = "VARCHAR[]", default = [], help = "the events, as evidence_id:record_index" }
[notes]
is_untold   = "BOOLEAN; whether the record does not tell the outcome"
is_inferred = "BOOLEAN; whether the service is inferred from the name of the call"
*/
SELECT evidence_id, record_index, outcome IS NULL AS is_untold, inferred IS NOT NULL AS is_inferred
FROM events
WHERE (evidence_id, record_index) IN (
    SELECT (split_part(place, ':', 1)::BIGINT, split_part(place, ':', 2)::BIGINT)
    FROM unnest($places::VARCHAR[]) AS p (place)
)
