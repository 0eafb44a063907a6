/*
title    = "Use of identities that descend from root"
question = "How much was each identity that descends from root used, in which period, and from where?"
attack   = ["T1078.004"]
source   = "The descendants as root_descendants; AWS CloudTrail User Guide, userIdentity element"
misses   = "Uses whose logs are not in the case. Double counts: a call with a user's key counts for the key and for the user if both descend from root. Recreated identities: a call counts for the earlier one that existed at the time."
uses     = ["descendant_acts"]
first    = "identity_kind identity_name event_count write_count first_time source_ips"
columns  = """
identity_kind identity_name made_by made_account_id made_region made_evidence_id made_record_index event_count
write_count write_unknown_count error_count first_time last_time source_ips first_eventID first_citation last_eventID last_citation
last_success_time last_success_eventID last_success_citation"""
never_null = """
identity_kind identity_name made_by made_evidence_id made_record_index event_count write_count write_unknown_count
error_count first_citation last_citation"""
[params]
account_id = { type = "VARCHAR", default = "", help = "only descendants of root of this account (12 digits); empty for all" }
[notes]
identity_kind = "VARCHAR; access_key, user, role, role_session, instance, task, function, delegation, identity_provider, service_credential, identity_center_user, trust_anchor, roles_anywhere_profile or auto_scaling_group"
event_count   = "BIGINT; its calls"
error_count   = "BIGINT; of these, denied or failed calls"
last_success_time = "TIMESTAMP WITH TIME ZONE; of its last call that did not fail, or whose outcome the record does not have; UTC"
last_success_eventID  = "VARCHAR; of that call, cite this"
last_success_citation = "VARCHAR; evidence_id:record_index of that call"
*/
WITH chosen AS (
    SELECT *
    FROM descendant_acts
    WHERE $account_id = '' OR root_account_id = $account_id
    QUALIFY row_number() OVER (
        PARTITION BY evidence_id, record_index, identity_kind, identity_name
        ORDER BY since_time NULLS FIRST, made_by, account_id, region, made_evidence_id, made_record_index, root_account_id
    ) = 1
)
SELECT
    c.identity_kind, c.identity_name, c.made_by, c.account_id AS made_account_id, c.region AS made_region,
    c.made_evidence_id, c.made_record_index,
    count(*) AS event_count,
    count(*) FILTER (WHERE e.is_write AND e.outcome = 'success') AS write_count,
    count(*) FILTER (WHERE (e.is_write AND e.outcome = 'success') IS NULL) AS write_unknown_count,
    count(*) FILTER (WHERE e.outcome = 'failure') AS error_count,
    min(e.eventTime) AS first_time,
    max(e.eventTime) AS last_time,
    array_agg(DISTINCT e.sourceIPAddress ORDER BY e.sourceIPAddress) FILTER (WHERE e.sourceIPAddress IS NOT NULL)
        AS source_ips,
    nullif(min_by(coalesce(e.eventID, ''), row(coalesce(e.eventTime, TIMESTAMP WITH TIME ZONE '9999-12-31 00:00:00+00:00'), coalesce(e.eventID, ''), e.evidence_id, e.record_index)), '') AS first_eventID,
    min_by(concat(CAST(e.evidence_id AS VARCHAR), ':', CAST(e.record_index AS VARCHAR)), row(coalesce(e.eventTime, TIMESTAMP WITH TIME ZONE '9999-12-31 00:00:00+00:00'), coalesce(e.eventID, ''), e.evidence_id, e.record_index)) AS first_citation,
    nullif(max_by(coalesce(e.eventID, ''), row(coalesce(e.eventTime, TIMESTAMP WITH TIME ZONE '0001-01-01 00:00:00+00:00'), coalesce(e.eventID, ''), e.evidence_id, e.record_index)), '') AS last_eventID,
    max_by(concat(CAST(e.evidence_id AS VARCHAR), ':', CAST(e.record_index AS VARCHAR)), row(coalesce(e.eventTime, TIMESTAMP WITH TIME ZONE '0001-01-01 00:00:00+00:00'), coalesce(e.eventID, ''), e.evidence_id, e.record_index)) AS last_citation,
    max(e.eventTime) FILTER (WHERE e.outcome IS DISTINCT FROM 'failure') AS last_success_time,
    nullif(max_by(coalesce(e.eventID, ''), row(coalesce(e.eventTime, TIMESTAMP WITH TIME ZONE '0001-01-01 00:00:00+00:00'), coalesce(e.eventID, ''), e.evidence_id, e.record_index)) FILTER (WHERE e.outcome IS DISTINCT FROM 'failure'), '') AS last_success_eventID,
    max_by(concat(CAST(e.evidence_id AS VARCHAR), ':', CAST(e.record_index AS VARCHAR)), row(coalesce(e.eventTime, TIMESTAMP WITH TIME ZONE '0001-01-01 00:00:00+00:00'), coalesce(e.eventID, ''), e.evidence_id, e.record_index)) FILTER (WHERE e.outcome IS DISTINCT FROM 'failure') AS last_success_citation
FROM api_calls AS e INNER JOIN chosen AS c ON e.evidence_id = c.evidence_id AND e.record_index = c.record_index
GROUP BY
    c.identity_kind, c.identity_name, c.made_by, c.account_id, c.region, c.made_evidence_id, c.made_record_index
ORDER BY identity_kind, identity_name, made_by, made_account_id, made_region, made_evidence_id, made_record_index
