/*
question = "Of which logs did verify not find that CloudTrail delivered them so, where it found digest files or logs that it did?"
misses   = "Whatever was not verified. A log of a trail without validation is unlisted, too, where another has it."
columns  = "evidence_id verdict"
never_null = "evidence_id verdict"
[notes]
evidence_id = "INTEGER"
verdict     = "VARCHAR; any but verified"
*/
SELECT evidence_id, verdict
FROM unproven_logs
ORDER BY evidence_id, verdict
