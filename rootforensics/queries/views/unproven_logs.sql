/*
title    = "Logs that verify did not find as delivered"
question = "Of which logs did verify not find that CloudTrail delivered them so, where it found digest files or logs that it did?"
attack   = []
source   = "What verify found, in the table integrity"
misses   = "Whatever was not verified. A log of a trail without validation is unlisted, too, where another has it."
*/
SELECT DISTINCT evidence_id, verdict
FROM integrity
WHERE kind = 'log' AND verdict <> 'verified' AND evidence_id IS NOT NULL
    AND (verdict IN ('modified', 'unlisted') OR EXISTS (FROM integrity WHERE verdict = 'verified'))
