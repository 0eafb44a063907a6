/*
question = "Of which logs did verify not find that CloudTrail delivered them so, where it found others that it did?"
misses   = "Whatever was not verified. A log of a trail without validation is unlisted, too, where another has it."
columns  = "evidence_id verdict"
[notes]
evidence_id = "INTEGER"
verdict     = "VARCHAR; any but verified"
*/
SELECT DISTINCT evidence_id, verdict
FROM integrity
WHERE kind = 'log' AND verdict <> 'verified' AND evidence_id IS NOT NULL
    AND (verdict IN ('modified', 'unlisted') OR EXISTS (FROM integrity WHERE kind = 'log' AND verdict = 'verified'))
ORDER BY evidence_id, verdict
