/*
title    = "Events that nothing proves"
question = "Which events are only in logs that verify did not confirm as delivered? Someone may have written them, so they explain nothing."
attack   = []
source   = "What verify found, in the table integrity"
misses   = "Anything that was not verified."
uses     = ["unproven_logs", "proven_copies"]
*/
SELECT evidence_id, record_index
FROM events SEMI JOIN unproven_logs USING (evidence_id) ANTI JOIN proven_copies USING (evidence_id, record_index)
