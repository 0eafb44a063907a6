/*
title    = "Service activity attributed to root"
question = "Which root events were made by AWS services and not by a person?"
attack   = []
source   = "The origins of root_events"
misses   = "Nothing: root_activity and root_noise together are all of root_events."
uses     = ["root_events"]
*/
SELECT * FROM root_events WHERE origin_group = 'noise'
