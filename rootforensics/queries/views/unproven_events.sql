/*
title    = "Events that nothing proves"
question = "Which events are in logs that verify did not find as delivered, and in no other? Somebody may have written them, so they explain nothing."
attack   = []
source   = "What verify found, in the table integrity"
misses   = "Whatever was not verified."
uses     = ["unproven_logs", "proven_copies"]
*/
SELECT evidence_id, record_index
FROM events SEMI JOIN unproven_logs USING (evidence_id) ANTI JOIN proven_copies USING (evidence_id, record_index)
