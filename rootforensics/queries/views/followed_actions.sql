/*
title    = "Meaning of the events of root and its descendants"
question = "Which events of root, and of identities that descend from it, are in the catalogue of actions, and did they succeed?"
attack   = ["T1078.004", "T1098", "T1136.003"]
source   = "The view matched_actions, with the catalogue of actions (rootforensics/rules/catalogue)"
misses   = "Everything that matched_actions misses. Actions of others (identities)."
uses     = ["matched_actions"]
*/
SELECT * FROM matched_actions WHERE origin_group <> 'other'
