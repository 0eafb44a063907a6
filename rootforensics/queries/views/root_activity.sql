/*
title    = "What people did with root"
question = "Which root events were a person's doing, by console, key or session?"
attack   = ["T1078.004"]
source   = "The origins of root_events"
misses   = "A person's step that a service carried out later as root; it stands in root_noise."
uses     = ["root_events"]
*/
SELECT * FROM root_events WHERE origin_group = 'activity'
