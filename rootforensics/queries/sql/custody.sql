/*
title    = "Chain of custody"
question = "Who did what with this case, when, with which version, and was the evidence list the same before and after?"
attack   = []
source   = "The table custody of this case, to which every act that writes to it, or writes a file from it, adds a row"
misses   = "Anything that was only viewed or printed to a terminal. Actions that could not be recorded because the case was read-only or locked (stderr reported that). Entries removed from the end, or a rewritten chain: compare its final hash with a copy that is kept elsewhere. Proof of users, hosts and times, which are as the machine reported them."
first    = "custody_id acted_time user_name command parameters sha256"
columns  = """
custody_id acted_time user_name host_name command tool parameters row_counts evidence_sha256_before evidence_sha256
previous_sha256 sha256"""
never_null = "custody_id acted_time user_name host_name command tool parameters row_counts evidence_sha256 sha256"
[notes]
custody_id             = "INTEGER; number of the action in this case, from 1"
acted_time             = "TIMESTAMP WITH TIME ZONE; UTC; when the action ended, by the clock of the machine"
user_name              = "VARCHAR; login name"
host_name              = "VARCHAR; of the machine"
command                = "VARCHAR; load, merge, verify, note, title, triage, report, export and so on"
tool                   = "VARCHAR; this package and its version"
parameters             = "JSON; parameters of the action, without secrets; those not given are omitted"
row_counts             = "JSON; rows of evidence, events, duplicates and notes after the action"
evidence_sha256_before = "VARCHAR; hash of the evidence list before the action, over everything that the case stores about each file"
evidence_sha256        = "VARCHAR; the same after the action"
previous_sha256        = "VARCHAR; sha256 of the previous row; NULL in the first"
sha256                 = "VARCHAR; SHA-256 of all other columns in order, as a JSON array without spaces"
*/
SELECT custody_id, acted_time, user_name, host_name, command, tool, parameters, row_counts, evidence_sha256_before,
    evidence_sha256, previous_sha256, sha256
FROM custody
ORDER BY custody_id, sha256
