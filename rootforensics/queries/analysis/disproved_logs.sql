/*
question = "Of which logs did verify find that CloudTrail did not deliver them so?"
misses   = "Whatever was not verified. A log of a trail without validation is unlisted, too, where another has it."
columns  = "evidence_id verdict"
[notes]
evidence_id = "INTEGER"
verdict     = "VARCHAR; modified or unlisted"
*/
SELECT DISTINCT evidence_id, verdict
FROM integrity
WHERE kind = 'log' AND verdict IN ('modified', 'unlisted') AND evidence_id IS NOT NULL
ORDER BY evidence_id, verdict
