/*
title    = "Descendant of root behind each event"
question = "Under which identities that descend from root was each call made?"
attack   = ["T1078.004", "T1098"]
source   = "The descendants as root_descendants; the names of actors as acting_names"
misses   = "Everything that root_descendants and acting_names miss. An event may have several rows, because its key and its user may both descend from root."
uses     = ["root_descendants", "acting_names"]
*/
SELECT
    n.evidence_id, n.record_index, d.identity_kind, d.identity_name, d.generation, d.root_account_id, d.account_id, d.region,
    d.made_by, d.since_time, d.evidence_id AS made_evidence_id, d.record_index AS made_record_index,
    CASE WHEN n.is_certain AND NOT coalesce(d.is_given_on AND n.eventTime = d.until_time AND (n.mark = d.mark) IS NOT TRUE, false)
        THEN d.certainty ELSE 'possible' END AS certainty,
    -- If an event has several identities, the first is the most exact: a key rather than its user.
    strpos('access_key instance task function delegation role_session identity_provider user role service_credential identity_center_user trust_anchor roles_anywhere_profile auto_scaling_group', n.identity_kind) AS kind_order
FROM acting_names AS n INNER JOIN root_descendants AS d
    ON n.identity_kind = d.identity_kind AND n.identity_name = d.identity_name
WHERE coalesce(n.mark = d.mark, true)
    AND coalesce(n.eventTime >= d.since_time, true)
    -- A session outlives its user or role; the unique ID shows whose it is.
    AND (coalesce(n.eventTime <= d.until_time, true) OR (n.identity_kind IN ('user', 'role') AND n.mark = d.mark))
