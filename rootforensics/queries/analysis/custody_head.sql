/*
question = "Which entry of the chain of custody describes the case as it is?"
misses   = "Later actions that changed nothing, such as earlier reports."
columns  = "custody_id acted_time sha256"
never_null = "custody_id acted_time sha256"
[notes]
custody_id = "INTEGER; the last entry that changed the case"
acted_time = "TIMESTAMP WITH TIME ZONE; UTC"
sha256     = "VARCHAR; of that entry, which covers all previous ones"
*/
SELECT custody_id, acted_time, sha256
FROM custody
WHERE command IN ('load', 'verify', 'note', 'title', 'merge')
ORDER BY custody_id DESC, sha256
LIMIT 1
