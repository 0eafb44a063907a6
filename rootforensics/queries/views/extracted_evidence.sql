/*
title    = "Objects that an extraction brought"
question = "Which objects are files of records that an engine beside the logs found, and of which extraction?"
attack   = []
source   = "The ledger of the case"
misses   = "Objects that the engine could not read; these were loaded from where they lie."
*/
SELECT DISTINCT evidence_id, extraction_id
FROM evidence CROSS JOIN unnest(regexp_extract_all(CAST(filters AS VARCHAR), '"extraction_id": ?"([0-9a-f]+)"', 1)) AS held(extraction_id)
