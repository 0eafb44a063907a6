/*
title    = "Coverage over time"
question = "When does the case cover each account and Region: with events, proven quiet, with missing logs, or unknown?"
attack   = ["T1562.008"]
source   = "AWS CloudTrail User Guide, digest file structure, CloudTrail log file name format and how CloudTrail delivers"
misses   = "Kinds of events that a trail excludes: an hour with events may lack them. Events without a time, an account or a Region. Regions without any log, except those that record root sign-ins, those that a call enabled, and the default Regions of a trail for all Regions. Times before 2013 and after the load. Whether digest files are genuine: all of them count until verify is run, then only verified ones."
uses     = ["root_descendants"]
first    = "account_id region state from_time until_time hour_count event_count"
columns  = "account_id region state from_time until_time hour_count event_count proven_by"
never_null = "account_id region state from_time until_time hour_count"
[params]
account_id = { type = "VARCHAR", default = "", help = "only this account (12 digits); empty for all" }
[notes]
account_id  = "VARCHAR; the account whose log it is"
region      = "VARCHAR"
state       = "VARCHAR; events: the case contains events of the hours; incomplete: one of their logs is missing, damaged, modified or excluded in part by a filter; quiet: there are no events, and digest files of every trail cover the hours and the quarter of an hour after them, or the whole event history was downloaded; empty_log: logs were delivered then and contain no events of these hours; unproven: there are no events and no logs, as often in this Region, and nothing proves that there were none; unknown: as unproven, but in a Region that is never this quiet or from which events are expected and missing, or between digest files that do not cover the hours"
from_time   = "TIMESTAMP WITH TIME ZONE; UTC; whole hours"
until_time  = "TIMESTAMP WITH TIME ZONE; UTC; not included"
hour_count  = "BIGINT"
event_count = "BIGINT"
proven_by   = "VARCHAR; what proves that no event of these hours is missing. digests: digest files of every trail that records the Region, with all logs that they list; history: the whole event history, which has only management events; NULL: nothing"
*/
SELECT account_id, region, state, from_time, until_time, hour_count, event_count, proven_by
FROM coverage_spans
WHERE $account_id = '' OR account_id = $account_id
ORDER BY account_id, region, from_time
