/*
title    = "What the events of root and of its descendants mean"
question = "Which events of root, and of identities that root made, are in the catalogue of actions; were they done or only attempted?"
attack   = ["T1078.004", "T1098", "T1136.003"]
source   = "The view matched_actions, with the catalogue of actions (rootforensics/rules/catalogue)"
misses   = "What matched_actions misses; what others did (identities)."
uses     = ["matched_actions"]
*/
SELECT * FROM matched_actions WHERE origin_group <> 'other'
