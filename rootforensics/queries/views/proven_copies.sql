/*
title    = "Events with a copy in a verified log"
question = "Which events of unverified logs are also in a verified log, word for word?"
attack   = []
source   = "The copies that the load found, and what verify found"
misses   = "Anything that was not verified."
*/
SELECT DISTINCT d.kept_evidence_id AS evidence_id, d.kept_record_index AS record_index, v.verdict
FROM duplicates AS d
JOIN integrity AS v ON d.evidence_id = v.evidence_id
JOIN integrity AS k ON d.kept_evidence_id = k.evidence_id
WHERE v.verdict = 'verified' AND k.verdict <> 'verified'
