/*
question = "Which logs did verify not confirm as delivered, although it confirmed other logs or digest files?"
misses   = "Anything that was not verified. Logs of a trail without validation, which count as unlisted if another trail has validation."
columns  = "evidence_id verdict"
never_null = "evidence_id verdict"
[notes]
evidence_id = "INTEGER"
verdict     = "VARCHAR; any but verified"
*/
SELECT evidence_id, verdict
FROM unproven_logs
ORDER BY evidence_id, verdict
