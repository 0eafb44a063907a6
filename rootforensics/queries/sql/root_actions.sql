/*
title    = "Root's actions in words"
question = "Which actions of the catalogue did a person take or try with root, how severe is each, and how is it undone?"
attack   = ["T1078.004"]
source   = "The catalogue of actions (rootforensics/rules/catalogue), each row with its own sources"
misses   = "Events that the catalogue does not list (root-unlisted counts them). Partial failures: a batch that failed only in part counts as succeeded. Actions of identities that root created. Service activity as root, which the view root_actions has with origin_group noise."
first    = "eventTime severity means eventID eventName account_id result"
columns  = """
eventTime account_id awsRegion severity result act means matters category tactic techniques techniques_v18 undo
root_task needs_root action_id origin_group eventSource eventName errorCode sourceIPAddress accessKeyId requestParameters
eventID evidence_id record_index"""
never_null = """
severity result act means matters category tactic techniques techniques_v18 needs_root action_id origin_group eventSource
eventName evidence_id record_index"""
[params]
account_id = { type = "VARCHAR", default = "", help = "only this account (12 digits); empty for all" }
severity   = { type = "VARCHAR", default = "info", help = "at least this: info, low, medium, high or critical" }
[notes]
account_id   = "VARCHAR; the account whose root user (or, for an AssumeRoot call, whose caller) it is"
severity     = "VARCHAR; info, low, medium, high or critical; one level lower for a failed attempt"
result         = "VARCHAR; succeeded, attempted, or unknown if a sign-in does not state it"
act          = "VARCHAR; the action as an infinitive, with its object in braces, where rootforensics.rules.wording puts names; a part in brackets is only said with them"
means        = "VARCHAR; what was done or attempted, without names"
matters      = "VARCHAR; why it matters; for an attempt, what would have followed"
tactic       = "VARCHAR; of ATT&CK 19"
undo         = "VARCHAR; in words; rootforensics verdict has the command with the names from the record"
action_id    = "VARCHAR; row of the catalogue"
origin_group         = "VARCHAR; activity, or opening (an AssumeRoot call)"
*/
SELECT
    eventTime, account_id, awsRegion, severity, result, act, means, matters, category, tactic, techniques, techniques_v18, undo,
    root_task, needs_root, action_id, origin_group, eventSource, eventName, errorCode, sourceIPAddress,
    accessKeyId, requestParameters, eventID, evidence_id, record_index
FROM root_actions
WHERE origin_group <> 'noise' AND ($account_id = '' OR account_id = $account_id)
    AND strpos('info low medium high critical', severity) >= strpos('info low medium high critical', $severity)
ORDER BY eventTime NULLS LAST, eventID, evidence_id, record_index
