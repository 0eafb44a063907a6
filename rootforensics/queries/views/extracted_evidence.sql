/*
title    = "Files from an extraction"
question = "Which files contain records that an engine found, and from which extraction?"
attack   = []
source   = "The ledger of the case"
misses   = "Files that the engine could not read: these were loaded from their original location."
*/
SELECT DISTINCT evidence_id, extraction_id
FROM evidence CROSS JOIN unnest(regexp_extract_all(CAST(filters AS VARCHAR), '"extraction_id": ?"([0-9a-f]+)"', 1)) AS held(extraction_id)
