/*
title    = "Coverage over time"
question = "For each account and Region: when does the case contain events, when is it proven that nothing was recorded, when are logs missing, and when is it unknown?"
attack   = ["T1562.008"]
source   = "AWS CloudTrail User Guide, digest file structure, CloudTrail log file name format and how CloudTrail delivers"
misses   = "What a trail does not record: an hour with events may lack the kinds of events that the trail excludes. Events without a time, an account or a Region. Regions for which the case contains nothing of an account, except three kinds: those that record root's sign-ins, those that a call in the logs enabled, and those enabled by default if digest files show that a trail records all Regions. Times before 2013 and after the load. Digest files count whether or not verify was run. After verify, only verified ones count."
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
