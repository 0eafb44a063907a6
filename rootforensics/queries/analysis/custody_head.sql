/*
question = "Which row of the chain of custody matches this case as it is?"
misses   = "Acts after it that changed nothing, such as earlier reports."
columns  = "custody_id acted_time sha256"
never_null = "custody_id acted_time sha256"
[notes]
custody_id = "INTEGER; the last act that changed the case"
acted_time = "TIMESTAMP WITH TIME ZONE; UTC"
sha256     = "VARCHAR; of that row, in which those before it are contained"
*/
SELECT custody_id, acted_time, sha256
FROM custody
WHERE command IN ('load', 'verify', 'note', 'title', 'merge')
ORDER BY custody_id DESC, sha256
LIMIT 1
