/*
title    = "Investigator's notes"
question = "What did the investigators note about which event or time, and when?"
attack   = []
source   = "The table notes of this case, which the note command and Case.note write"
misses   = "Anything that no one noted. Proof of a note: it is its author's statement, and the name is as entered."
first    = "note_id noted_time tag text author eventID"
columns  = """
note_id noted_time tag text author written_time account_id eventSource eventName eventID evidence_id record_index"""
never_null = "note_id text author written_time"
[params]
tag = { type = "VARCHAR", default = "", help = "only notes with this tag; empty for all" }
[notes]
note_id      = "INTEGER; number of the note in this case, from 1"
noted_time   = "TIMESTAMP WITH TIME ZONE; UTC; the time of the event, or the time entered; NULL for an event without a time"
tag          = "VARCHAR; NULL for none"
text         = "VARCHAR"
author       = "VARCHAR; as entered, or the login name"
written_time = "TIMESTAMP WITH TIME ZONE; UTC; by the clock of the machine that wrote it"
account_id   = "VARCHAR; of the event; NULL for a note about a time"
eventSource  = "VARCHAR; of the event"
eventName    = "VARCHAR; of the event"
eventID      = "VARCHAR; the event that the note is about; NULL for a note about a time or an event without an ID"
evidence_id  = "INTEGER; the file that contains the event's record"
*/
SELECT
    n.note_id, n.noted_time, n.tag, n.text, n.author, n.written_time,
    coalesce(c.identity_account_id, e.account_id) AS account_id, e.service AS eventSource, e.action AS eventName,
    n.eventID, n.evidence_id, n.record_index
FROM notes AS n
LEFT JOIN duplicates AS d ON n.evidence_id = d.evidence_id AND n.record_index = d.record_index
LEFT JOIN events AS e
    ON e.evidence_id = coalesce(d.kept_evidence_id, n.evidence_id)
    AND e.record_index = coalesce(d.kept_record_index, n.record_index)
LEFT JOIN api_calls AS c ON e.evidence_id = c.evidence_id AND e.record_index = c.record_index
WHERE $tag = '' OR n.tag = $tag
ORDER BY n.noted_time NULLS LAST, n.note_id
