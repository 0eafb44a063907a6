/*
title    = "AWS actions that matter, with severity and remedy"
question = "Which API calls does the catalogue describe, what do they mean after a takeover of root, and how are they undone?"
attack   = []
source   = "rootforensics/rules/catalogue, each row with its own sources"
misses   = "Calls that no row describes yet. The catalogue is that of the version that last loaded evidence into the case."
first    = "severity eventSource eventName means category action_id"
columns  = """
action_id eventSource eventName condition condition_count act means attempt_means matters severity attempt_severity tactic
techniques tactic_v18 techniques_v18 category undo undo_command root_task needs_root costs exposes sources"""
never_null = """
action_id eventSource eventName condition_count act means attempt_means matters severity attempt_severity tactic
techniques tactic_v18 techniques_v18 category needs_root sources"""
[params]
category     = { type = "VARCHAR", default = "", help = "only this category, such as credentials or defense-evasion; empty for all" }
severity = { type = "VARCHAR", default = "", help = "only this severity: info, low, medium, high or critical; empty for all" }
[notes]
action_id        = "VARCHAR"
condition        = "VARCHAR; SQL over the event's columns; NULL if the row applies to every such event"
condition_count  = "INTEGER; of the rows that match an event, the one with the most conditions applies; among equals the most severe"
act              = "VARCHAR; the action as an infinitive, with its object in braces: rootforensics.rules.wording puts names there"
means            = "VARCHAR; what was done, if it succeeded"
attempt_means    = "VARCHAR; what was attempted, if it failed"
severity         = "VARCHAR; if it succeeded"
attempt_severity = "VARCHAR; if it failed"
tactic           = "VARCHAR; of ATT&CK 19 (April 2026)"
tactic_v18       = "VARCHAR; as named up to version 18"
undo_command     = "VARCHAR; AWS CLI; braces mark values of the record, capitals mark the responder's own values"
costs            = "VARCHAR; yes: the call itself incurs costs; perhaps: that depends on what the record does not show; NULL: no"
exposes          = "VARCHAR; yes: the call itself discloses or reads data; perhaps: that depends on what the record does not show; NULL: no"
sources          = "VARCHAR; addresses, separated by spaces"
*/
SELECT
    action_id, call_source AS eventSource, call_name AS eventName, condition, condition_count, act, means, attempt_means, matters, severity, attempt_severity, tactic,
    techniques, tactic_v18, techniques_v18, category, undo, undo_command, root_task, needs_root, costs, exposes,
    sources
FROM actions
WHERE ($category = '' OR category = $category) AND ($severity = '' OR severity = $severity)
ORDER BY eventSource, eventName, condition_count DESC, action_id
