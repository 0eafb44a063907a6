/*
title    = "First and last use of root"
question = "When did a person first and last use root in each account?"
attack   = ["T1078.004"]
source   = "The origins of root-events"
misses   = "Use before the first or after the last log in the case."
uses     = ["recorded_hours"]
first    = "account_id event_count first_time first_eventName last_time last_eventName"
columns  = """
account_id event_count first_time first_eventName first_eventID first_citation last_time last_eventName last_eventID
last_citation case_first_time case_last_time"""
never_null = "event_count first_time first_citation last_time last_citation"
[params]
account_id = { type = "VARCHAR", default = "", help = "only this account (12 digits); empty for all" }
[notes]
event_count     = "BIGINT; distinct events of root activity"
first_eventName = "VARCHAR"
last_eventName  = "VARCHAR"
case_first_time = "TIMESTAMP WITH TIME ZONE; first event of any identity of the account, UTC"
case_last_time  = "TIMESTAMP WITH TIME ZONE; last event of any identity of the account, UTC"
*/
WITH spans AS (
    SELECT account_id, min(first_time) AS case_first_time, max(last_time) AS case_last_time
    FROM recorded_hours
    GROUP BY account_id
),
ordered AS (
    SELECT account_id, eventTime, eventName, eventID, concat(CAST(evidence_id AS VARCHAR), ':', CAST(record_index AS VARCHAR)) AS citation,
        row_number() OVER (PARTITION BY account_id ORDER BY eventTime, eventID, evidence_id, record_index) AS up,
        row_number() OVER (PARTITION BY account_id ORDER BY eventTime DESC, eventID DESC, evidence_id DESC,
            record_index DESC) AS down,
        count(*) OVER (PARTITION BY account_id) AS event_count
    FROM root_activity
    WHERE eventTime IS NOT NULL AND ($account_id = '' OR account_id = $account_id)
)
SELECT
    f.account_id,
    f.event_count,
    f.eventTime AS first_time,
    f.eventName AS first_eventName,
    f.eventID AS first_eventID,
    f.citation AS first_citation,
    l.eventTime AS last_time,
    l.eventName AS last_eventName,
    l.eventID AS last_eventID,
    l.citation AS last_citation,
    s.case_first_time,
    s.case_last_time
FROM ordered AS f
INNER JOIN ordered AS l ON f.account_id IS NOT DISTINCT FROM l.account_id AND l.down = 1
LEFT JOIN spans AS s ON f.account_id IS NOT DISTINCT FROM s.account_id
WHERE f.up = 1
ORDER BY f.account_id NULLS LAST
