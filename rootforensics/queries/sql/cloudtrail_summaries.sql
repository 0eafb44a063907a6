/*
title    = "Insights and aggregated events of CloudTrail"
question = "What did CloudTrail report as unusual, and what did it count instead of recording each event?"
attack   = []
source   = "AWS CloudTrail User Guide, record contents of Insights events and of aggregated events"
misses   = "Callers: a summary names identities only as values in details. Insights and aggregated events from times when they were not enabled."
first    = "from_time account_id awsRegion kind service name eventID"
columns  = """
kind account_id awsRegion from_time until_time state insight_type service name error_code details sharedEventID
eventID evidence_id record_index"""
never_null = "kind evidence_id record_index"
[params]
account_id = { type = "VARCHAR", default = "", help = "only this account (12 digits); empty for all" }
[notes]
kind          = "VARCHAR; insight or aggregated"
account_id    = "VARCHAR; the account that received it"
from_time     = "TIMESTAMP WITH TIME ZONE; UTC, when the insight began or ended, or the window of an aggregated event began"
until_time    = "TIMESTAMP WITH TIME ZONE; UTC, when the window ended; NULL for an insight"
state         = "VARCHAR; Start or End of an insight"
insight_type  = "VARCHAR; ApiCallRateInsight or ApiErrorRateInsight"
service       = "VARCHAR; the summarized eventSource"
name          = "VARCHAR; the eventName of an insight, or what an aggregated event counts by"
error_code    = "VARCHAR; of an insight about errors"
details       = "JSON; statistics and attributions of an insight, the whole summary of an aggregated event"
sharedEventID = "VARCHAR; links the start and the end of an insight"
*/
SELECT
    kind,
    account_id,
    awsRegion,
    coalesce(eventTime, window_start_time) AS from_time,
    window_end_time AS until_time,
    coalesce(insightDetails->>'$.state', insightState) AS state,
    coalesce(insightDetails->>'$.insightType', insightType) AS insight_type,
    coalesce(insightDetails->>'$.eventSource', insightEventSource, eventSource) AS service,
    coalesce(insightDetails->>'$.eventName', insightEventName, summary->>'$.primaryDimension.dimension') AS name,
    coalesce(insightDetails->>'$.errorCode', insightErrorCode) AS error_code,
    coalesce(insightDetails->'$.insightContext', insightContext, summary) AS details,
    sharedEventID,
    eventID,
    evidence_id,
    record_index
FROM cloudtrail_summaries
WHERE $account_id = '' OR account_id = $account_id
ORDER BY from_time NULLS LAST, eventID, evidence_id, record_index
