/*
question = "Which events lack a field that the rules of this package read?"
misses   = "Fields that are present but wrong."
uses     = ["descendant_events"]
columns  = "account_id region from_time until_time lacks may_change eventID evidence_id record_index"
never_null = "lacks may_change evidence_id record_index"
[notes]
region     = "VARCHAR"
from_time  = "TIMESTAMP WITH TIME ZONE; UTC; of the event"
until_time = "TIMESTAMP WITH TIME ZONE; UTC; the same"
lacks      = "VARCHAR; identity, eventName, eventSource, service (no model knows it), account, answer or accessKeyId"
may_change = "BOOLEAN; whether the event may be a write"
*/
SELECT account_id, awsRegion AS region, eventTime AS from_time, eventTime AS until_time, lacks, may_change,
    eventID, evidence_id, record_index
FROM unjudged_events
ORDER BY eventTime NULLS LAST, eventID, evidence_id, record_index
