/*
title    = "Logging impairment"
question = "Who stopped, limited or removed the account's detective controls, and for which time may the record be incomplete?"
attack   = ["T1562.008", "T1562.001", "T1485"]
source   = "AWS CloudTrail, Config, GuardDuty, Security Hub, KMS, CloudWatch, CloudWatch Logs, EventBridge, SNS and S3 API references; Security Hub's CloudTrail controls; the catalogue of actions"
misses   = "Actions at times when no trail recorded them. Content of policies, lifecycles, patterns and thresholds: only the call is judged. Changes of selectors for data events. Buckets, log groups, keys, topics and alarms that no trail, filter or alarm in these logs names: some count by their names, as maybe. The intent of a change. Second trails: one of two may be stopped without a gap (coverage). The order within the same second: the change then counts as the last."
uses     = ["control_changes", "descendant_acts", "unproven_events"]
first    = "from_time control impairment result entity eventID until_time"
columns  = """
from_time until_time account_id awsRegion control entity part impairment certainty result eventName errorCode actor
by_root by_descendant eventID evidence_id record_index restored_by restored_eventID restored_citation"""
never_null = "control certainty result eventName by_root evidence_id record_index"
[params]
account_id = { type = "VARCHAR", default = "", help = "only this account (12 digits); empty for all" }
unknown = { type = "INTEGER", default = 0, help = "1: also what root, and what descends from it, did to buckets and log groups that nothing in these logs ties to the record, where they do not name the record's own, and calls that name none" }
[notes]
from_time        = "TIMESTAMP WITH TIME ZONE; UTC; from then on the record may be incomplete"
until_time       = "TIMESTAMP WITH TIME ZONE; UTC; when the same part of the same entity was enabled again; NULL: not in these logs, only changed (except a trail's bucket, which can be restored), or only attempted"
control          = "VARCHAR; the affected control: trail, event data store, CloudTrail administrator, trail bucket, KMS key, log group, metric filter, alarm, SNS topic, event rule, delivery role, delivery stream, organization, Config, GuardDuty, Security Hub, flow log, access analyzer, Inspector, Macie, Detective, Security Lake, CloudTrail channel, log destination, query log, WAF log, Bedrock log"
entity            = "VARCHAR; its name in the record; a call that names several has one row for each"
part             = "VARCHAR; which part of it: recording, selectors, Regions, key, recorder, detector, …"
impairment        = "VARCHAR; stopped, removed, narrowed, changed"
certainty        = "VARCHAR; certain: it belongs to the record or is itself a control; maybe: the logs do not show that it does, or new selectors keep all management events and data events are unknown; unknown: only on request"
result             = "VARCHAR; succeeded, attempted"
errorCode        = "VARCHAR; of an attempt"
actor            = "VARCHAR; ARN of the identity; for an AWS service without one, its name"
by_root          = "BOOLEAN; a person with root"
by_descendant    = "VARCHAR; certain or possible: an identity that descends from root; NULL: none"
restored_by      = "VARCHAR; identity that enabled it again, as in actor"
restored_eventID = "VARCHAR; cite this"
restored_citation   = "VARCHAR; evidence_id:record_index of that event"
*/
WITH descendants AS (
    SELECT evidence_id, record_index, min(certainty) AS certainty
    FROM descendant_acts
    GROUP BY evidence_id, record_index
),
judged AS (
    SELECT
        w.*,
        result = 'succeeded' AND (effect IN ('stopped', 'removed', 'narrowed') OR (effect = 'changed' AND control = 'trail' AND part = 'bucket')) AS breaks,
        -- A rewrite by root or its descendants over their own change is not a repair, and neither is an unproven call.
        result = 'succeeded' AND NOT is_unproven AND (effect IN ('restored', 'full') OR (effect IN ('rewritten', 'remade') AND NOT is_roots)) AS mends,
        -- A trail that was recreated under its name does not record as before when it is started.
        CASE WHEN result <> 'succeeded' THEN NULL
            WHEN effect = 'foreign' OR (effect = 'own' AND is_roots) THEN 'foreign'
            WHEN is_unproven THEN NULL
            WHEN effect = 'own' OR (effect = 'removed' AND control = 'trail' AND part = 'recording') THEN 'own'
        END AS becomes,
        -- A Region has only one of these, whatever its name.
        CASE WHEN control IN ('GuardDuty', 'Security Hub', 'Config') AND part NOT IN ('rule', 'members', 'membership', 'control', 'imports')
            THEN '' ELSE coalesce(entity, '') END AS same_entity,
        -- An account leaves through a call in its own logs or in those of the management account.
        CASE WHEN control = 'organization' AND part = 'membership' THEN '' ELSE coalesce(account_id, '') END AS whose
    FROM (
        SELECT w.*, d.certainty AS by_descendant, w.by_root OR coalesce(d.certainty = 'certain', false) AS is_roots, u.evidence_id IS NOT NULL AS is_unproven
        FROM control_changes AS w LEFT JOIN descendants AS d ON w.evidence_id = d.evidence_id AND w.record_index = d.record_index
        LEFT JOIN unproven_events AS u ON w.evidence_id = u.evidence_id AND w.record_index = u.record_index
    ) AS w
    WHERE $account_id = '' OR account_id = $account_id
),
-- Records of the same second have no order, so the order with more impairment counts: a control is created before it is
-- repaired, and broken last. A repair without a time ends no window: it has no until_time.
marked AS (
    SELECT *, row_number() OVER (
        ORDER BY eventTime NULLS LAST,
            CASE WHEN breaks THEN 2 WHEN mends THEN 1 ELSE 0 END, eventID, evidence_id, record_index, part, entity
    ) AS place_in_time
    FROM judged
),
lived AS (
    SELECT
        * EXCLUDE (mends),
        mends AND NOT coalesce(last_value(becomes IGNORE NULLS) OVER earlier = 'foreign', false) AS mends
    FROM marked
    WINDOW earlier AS (
        PARTITION BY whose, control, home, same_entity, part, place ORDER BY place_in_time ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
),
followed AS (
    SELECT
        *,
        min(CASE WHEN mends THEN place_in_time END) OVER later AS mended_at,
        coalesce(max(CASE WHEN breaks THEN place_in_time END) OVER earlier > coalesce(max(CASE WHEN mends THEN place_in_time END) OVER earlier, 0), false)
            AS is_broken
    FROM lived
    WINDOW
        later AS (PARTITION BY whose, control, home, same_entity, part, place ORDER BY place_in_time ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING),
        earlier AS (PARTITION BY whose, control, home, same_entity, part, place ORDER BY place_in_time ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
)
SELECT
    f.eventTime AS from_time, m.eventTime AS until_time, f.account_id, f.awsRegion, f.control, f.entity, f.part,
    CASE WHEN f.effect IN ('full', 'rewritten') THEN 'changed' ELSE f.effect END AS impairment,
    CASE WHEN f.effect = 'full' OR (f.certainty = 'unknown' AND coalesce(f.entity, '') = '') THEN 'maybe' ELSE f.certainty END AS certainty, f.result, f.eventName, f.errorCode, f.actor, f.by_root, f.by_descendant, f.eventID, f.evidence_id, f.record_index,
    m.actor AS restored_by, m.eventID AS restored_eventID,
    CASE WHEN m.record_index IS NOT NULL THEN concat(CAST(m.evidence_id AS VARCHAR), ':', CAST(m.record_index AS VARCHAR)) END AS restored_citation
FROM followed AS f LEFT JOIN marked AS m ON f.breaks AND f.mended_at = m.place_in_time
WHERE (f.effect IN ('stopped', 'removed', 'narrowed', 'changed')
    OR (f.effect = 'full' AND NOT f.is_broken)
    OR (f.effect = 'rewritten' AND (f.is_roots OR NOT f.is_broken)))
    AND (f.certainty <> 'unknown' OR ($unknown = 1 AND (f.by_root OR f.by_descendant IS NOT NULL OR f.as_root)))
ORDER BY from_time NULLS LAST, f.eventID, f.evidence_id, f.record_index, f.part, f.entity
