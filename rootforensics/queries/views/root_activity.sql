/*
title    = "Root activity by a person"
question = "Which root events were made by a person, with the console, a key or a session?"
attack   = ["T1078.004"]
source   = "The origins of root_events"
misses   = "A step that a person requested and a service carried out later as root: it is in root_noise."
uses     = ["root_events"]
*/
SELECT * FROM root_events WHERE origin_group = 'activity'
