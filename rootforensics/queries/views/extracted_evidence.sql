/*
title    = "Objects that an extraction brought"
question = "Which objects are files of records that an engine beside the logs found, and of which extraction?"
attack   = []
source   = "The ledger of the case"
misses   = "Objects that the engine could not read; these were loaded from where they lie."
*/
SELECT evidence_id, unnest(list_distinct(json_extract_string(filters, '$[*].extraction_id'))) AS extraction_id
FROM evidence
WHERE contains(filters::VARCHAR, '"extraction_id"')
