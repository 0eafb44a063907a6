/*
title    = "Actions of identities that root created or changed"
question = "What did identities that descend from root do?"
attack   = ["T1078.004", "T1098", "T1136.003"]
source   = "The descendants as root_descendants; AWS CloudTrail User Guide, userIdentity element"
misses   = "Everything that root_descendants and descendant_acts miss. Further identities behind a call: only the most certain one is named, then the one closest to root."
uses     = ["descendant_acts"]
first    = "eventTime identity_name eventName outcome sourceIPAddress eventID"
columns  = """
eventTime account_id awsRegion eventSource eventName readOnly outcome errorCode errorMessage actor accessKeyId
sourceIPAddress identity_kind identity_name made_by made_account_id made_region made_evidence_id made_record_index
generation certainty root_account_ids requestParameters responseElements eventID evidence_id record_index"""
never_null = """
identity_kind identity_name made_by made_evidence_id made_record_index generation certainty root_account_ids
evidence_id record_index"""
[params]
account_id = { type = "VARCHAR", default = "", help = "only descendants of root of this account (12 digits); empty for all" }
calls      = { type = "VARCHAR", default = "", help = "only these calls, as eventSource:eventName, separated by blanks; empty for all" }
[notes]
account_id       = "VARCHAR; where it was recorded"
identity_kind    = "VARCHAR; of the descendant: access_key, user, role, role_session, instance, task, function, delegation, identity_provider, service_credential, identity_center_user, trust_anchor, roles_anywhere_profile, auto_scaling_group"
generation       = "INTEGER; steps from root to the descendant: 1 if root created it"
certainty        = "VARCHAR; certain or possible"
root_account_ids = "VARCHAR[]; accounts from whose root the calling identities descend"
*/
WITH wanted AS (SELECT unnest(string_split($calls, ' ')) AS named),
acts AS MATERIALIZED (
    SELECT * FROM descendant_acts WHERE $account_id = '' OR root_account_id = $account_id
),
roots AS (
    SELECT evidence_id, record_index, array_agg(DISTINCT root_account_id ORDER BY root_account_id) AS root_account_ids
    FROM acts
    GROUP BY evidence_id, record_index
),
chosen AS (
    SELECT *
    FROM acts
    QUALIFY row_number() OVER (
        PARTITION BY evidence_id, record_index
        ORDER BY certainty, generation, kind_order, identity_name,
            since_time NULLS FIRST, made_by, account_id, region, made_evidence_id, made_record_index, root_account_id
    ) = 1
)
SELECT
    e.eventTime, e.account_id, e.awsRegion, e.eventSource,
    e.eventName, e.readOnly, e.outcome, e.errorCode, e.errorMessage, e.userIdentity.arn AS actor, e.userIdentity.accessKeyId AS accessKeyId,
    e.sourceIPAddress, c.identity_kind, c.identity_name, c.made_by, c.account_id AS made_account_id,
    c.region AS made_region, c.made_evidence_id, c.made_record_index, c.generation, c.certainty,
    r.root_account_ids, e.requestParameters, e.responseElements, e.eventID, e.evidence_id, e.record_index
FROM api_calls AS e INNER JOIN chosen AS c ON e.evidence_id = c.evidence_id AND e.record_index = c.record_index
    INNER JOIN roots AS r ON e.evidence_id = r.evidence_id AND e.record_index = r.record_index
WHERE $calls = '' OR concat(e.eventSource, ':', e.eventName) IN (SELECT named FROM wanted)
ORDER BY e.eventTime NULLS LAST, e.eventID, e.evidence_id, e.record_index
