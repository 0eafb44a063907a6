/*
title    = "Logs that verify did not confirm as delivered"
question = "Which logs did verify not confirm as delivered by CloudTrail, although it confirmed other logs or digest files?"
attack   = []
source   = "What verify found, in the table integrity"
misses   = "Anything that was not verified. A log of a trail without validation counts as unlisted if another trail has validation."
*/
SELECT DISTINCT evidence_id, verdict
FROM integrity
WHERE kind = 'log' AND verdict <> 'verified' AND evidence_id IS NOT NULL
    AND (verdict IN ('modified', 'unlisted') OR EXISTS (FROM integrity WHERE verdict = 'verified'))
